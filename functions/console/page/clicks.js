import { callApi, isAborted, linkPath } from "./api.js";
import { comparisonOf, noteOf } from "./axes.js";
import { breakdownsOf } from "./breakdown.js";
import { chartOf } from "./chart.js";
import { tableToggle } from "./chart_table.js";
import { announce, h } from "./dom.js";
import { RANGES, barsOf, earlierOf, isKnown, periodOf, queryOf, rangeOf, sumOf } from "./series.js";
import { count, counted } from "./text.js";

/**
 * @typedef {import("./series.js").Range} Range
 * @typedef {import("./series.js").Period} Period
 * @typedef {import("api").Clicks} Clicks
 */

/**
 * The part of a link's page that shows its clicks.
 * @param {{ org: string, slug: string, range: string | null, link: Promise<import("api").Link>, chosen: (range: Range) => void }} start
 *   `chosen` is called with each range that the reader chooses.
 * @param {AbortSignal} signal
 */
export function clicksPart({ org, slug, range: key, link, chosen }, signal) {
  let range = rangeOf(key);
  let loading = new AbortController();
  /** @type {number | null} */
  let total = null;
  let shown = "";

  const headline = h("p", { class: "headline" });
  const title = h("h2", { class: "for-screen-readers", tabindex: "-1" }, "Clicks");
  const chart = h("div", { class: "chart-place" });
  const more = h("div");
  const ranges = rangeControl(range, (wanted) => choose(wanted));
  const part = h("div", { class: "clicks-part", "aria-busy": "true" },
    h("section", { class: "card chart-card" }, title, h("div", { class: "chart-head" }, headline, ranges.element), chart),
    more);

  /** Shows this in the chart's place; a focus that was in it goes to the title. */
  const put = (/** @type {HTMLElement[]} */ ...content) => {
    const hadFocus = chart.contains(document.activeElement);
    chart.replaceChildren(...content);
    if (hadFocus) title.focus();
  };

  const ask = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const { body } = await callApi("GET", `${linkPath(org, slug)}/clicks`, { query: queryOf(period), signal: until });
    return /** @type {Clicks} */ (body);
  };

  /** The clicks of the period before, or null if they are not all known. */
  const askBefore = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const { created_at } = await link;
    const before = earlierOf(period);
    if (!isKnown(before, Date.parse(created_at), period.end)) return null;
    return sumOf(barsOf((await ask(before, until)).series, before));
  };

  const load = async (quiet = false) => {
    loading.abort();
    loading = new AbortController();
    const until = AbortSignal.any([signal, loading.signal]);
    const period = periodOf(range, Intl.DateTimeFormat().resolvedOptions().timeZone, Date.now());
    if (!quiet) part.setAttribute("aria-busy", "true");
    try {
      const [clicks, before] = await Promise.all([ask(period, until), askBefore(period, until)]);
      total = clicks.total;
      const answered = JSON.stringify([clicks, before, period.starts]);
      // The same again would only take the focus and the open table away.
      if (answered !== shown) show(clicks, before, period, quiet);
      shown = answered;
    } catch (error) {
      if (isAborted(error)) return;
      const sentence = error instanceof Error ? error.message : String(error);
      shown = "";
      headline.replaceChildren();
      more.replaceChildren();
      put(h("p", { class: "failure", role: "alert" }, sentence), h("button", { class: "button", type: "button", onclick: () => load() }, "Try again"));
    }
    part.removeAttribute("aria-busy");
  };

  const show = (/** @type {Clicks} */ clicks, /** @type {number | null} */ before, /** @type {Period} */ period, /** @type {boolean} */ quiet) => {
    const bars = barsOf(clicks.series, period);
    const sum = sumOf(bars);
    const compared = before === null ? "" : comparisonOf(sum, before);
    const inRange = ` in ${range.words}${compared && `, ${compared}`}`;
    const bots = clicks.bots > 0 ? `${count(clicks.bots)} of them by bots` : "";
    // While clicks are being counted, the sum can be ahead of the total for a moment.
    const total = sum >= clicks.total ? "" : `${count(clicks.total)} in all`;
    const inAll = sum === 0 ? "" : [total, bots].filter(Boolean).map((words, index) => `${index > 0 ? ", " : " · "}${words}`).join("");
    const empty = clicks.total === 0 ? "No clicks yet. New ones appear within seconds."
      : sum === 0 ? `No clicks in this period; ${count(clicks.total)} in all.` : "";
    headline.replaceChildren(
      h("strong", null, count(sum)), sum === 1 ? " click" : " clicks", h("span", { class: "quiet" }, inRange, inAll));
    const table = tableToggle(bars, period);
    put(
      h("div", { class: "chart-area" }, chartOf(period, bars, signal), empty && h("p", { class: "chart-empty" }, empty)),
      h("p", { class: "chart-note quiet" }, noteOf(period, bars), " ", table.button), table.place);
    more.replaceChildren(...(sum > 0 ? [breakdownsOf(clicks), h("p", { class: "footnote quiet" }, "Referrers, devices and countries count whole UTC days.")] : []));
    if (!quiet && shown) announce(`${counted(sum, "click")}${inRange}.`);
  };

  const choose = (/** @type {Range} */ wanted) => {
    if (wanted === range) return;
    range = wanted;
    ranges.show(range);
    chosen(range);
    load();
  };

  load();
  // Whoever tried the link in another tab comes back to see the click.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && load(true), { signal });
  return {
    element: part,
    /** How many clicks there are in all, as far as it is known. */
    total: () => total,
    /** Chooses a longer (1) or a shorter (-1) range. */
    step: (/** @type {1 | -1} */ by) => choose(RANGES[RANGES.indexOf(range) + by] ?? range),
  };
}

/**
 * The choice of a range: buttons side by side, or a select if they do not fit.
 * @param {Range} first
 * @param {(range: Range) => void} choose
 */
function rangeControl(first, choose) {
  const buttons = RANGES.map((range) =>
    h("button", { type: "button", onclick: () => choose(range) },
      h("span", { "aria-hidden": "true" }, range.short), h("span", { class: "for-screen-readers" }, range.words)));
  const select = h("select", { "aria-label": "Period", onchange: () => choose(rangeOf(select.value)) },
    RANGES.map((range) => h("option", { value: range.key }, range.words)));
  const show = (/** @type {Range} */ range) => {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(RANGES[index] === range)));
    select.value = range.key;
  };
  show(first);
  return { element: h("div", { class: "ranges" }, h("div", { class: "segments", role: "group", "aria-label": "Period" }, buttons), select), show };
}
