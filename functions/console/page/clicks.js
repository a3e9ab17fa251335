import { callApi, isAborted, linkPath } from "./api.js";
import { breakdownsOf } from "./breakdown.js";
import { chartCard } from "./chart_card.js";
import { announce, h } from "./dom.js";
import { RANGES, barsOf, earlierOf, inZone, periodOf, queryOf, rangeOf, sumOf } from "./series.js";
import { count } from "./text.js";

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

  const card = chartCard(RANGES, range, (wanted) => choose(wanted), signal);
  const more = h("div");
  const part = h("div", { class: "clicks-part", "aria-busy": "true" }, card.element, more);

  const ask = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const { body } = await callApi("GET", `${linkPath(org, slug)}/clicks`, { query: queryOf(period), signal: until });
    return /** @type {Clicks} */ (body);
  };

  /** The clicks of the period before, or null if they are not all known: the link has to be older, and its counts still kept. */
  const askBefore = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const { created_at } = await link;
    const before = earlierOf(period);
    if ((before.starts[0] ?? 0) < Date.parse(created_at)) return null;
    const { from, series } = await ask(before, until);
    return from > queryOf(before).from ? null : sumOf(barsOf(series, before));
  };

  const load = async (quiet = false) => {
    loading.abort();
    loading = new AbortController();
    const until = AbortSignal.any([signal, loading.signal]);
    const period = periodOf(range, Intl.DateTimeFormat().resolvedOptions().timeZone, Date.now());
    if (!quiet) part.setAttribute("aria-busy", "true");
    try {
      const [clicks, before, { created_at }] = await Promise.all([ask(period, until), askBefore(period, until), link]);
      total = clicks.total;
      const answered = JSON.stringify([clicks, before, period.starts]);
      // The same again would only take the focus and the open table away.
      if (answered !== shown) show(clicks, before, period, created_at, quiet);
      shown = answered;
    } catch (error) {
      if (isAborted(error)) return;
      shown = "";
      more.replaceChildren();
      card.fail(error, () => load());
    }
    part.removeAttribute("aria-busy");
  };

  /**
   * @param {Clicks} clicks
   * @param {number | null} before
   * @param {Period} period
   * @param {string} created
   * @param {boolean} quiet
   */
  const show = (clicks, before, period, created, quiet) => {
    const { from, total, series } = clicks;
    const bars = barsOf(series, period);
    const sum = sumOf(bars);
    const isCut = from > queryOf(period).from && created < from;
    const words = card.show({
      period, bars, before,
      // While clicks are being counted, the sum can be ahead of the total for a moment.
      inAll: sum === 0 || sum >= total ? "" : `${count(total)} in all`,
      empty: total === 0 ? "No clicks yet. New ones appear within seconds." : `No clicks in this period; ${count(total)} in all.`,
      note: isCut ? `Counts from before ${inZone(Date.parse(from), "UTC", { dateStyle: "medium" })} are no longer kept.` : "",
    });
    more.replaceChildren(...(sum > 0 ? [breakdownsOf(clicks), h("p", { class: "footnote quiet" }, "Referrers, devices and countries count whole UTC days.")] : []));
    if (!quiet && shown) announce(`${words}.`);
  };

  const choose = (/** @type {Range} */ wanted) => {
    if (wanted === range) return;
    range = wanted;
    card.showRange(range);
    chosen(range);
    load();
  };

  load();
  // Whoever tried the link in another tab comes back to see the click.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && load(true), { signal });
  return {
    element: part,
    /** How many clicks of people there are in all, as far as it is known. */
    total: () => total,
    /** Chooses a longer (1) or a shorter (-1) range. */
    step: (/** @type {1 | -1} */ by) => choose(RANGES[RANGES.indexOf(range) + by] ?? range),
  };
}
