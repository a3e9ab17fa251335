import { isAborted } from "./api.js";
import { chartCard } from "./chart_card.js";
import { announce, h } from "./dom.js";
import { periodOf, rangeOf } from "./series.js";
import { loadingScreen } from "./start.js";

/**
 * @typedef {import("./series.js").Range} Range
 * @typedef {import("./series.js").Period} Period
 */

/**
 * The part of a screen that shows clicks: a chart of the chosen range and, below it, the range's details. It reloads when the
 * reader returns to the tab, so that a reader who has just tried a link sees the new click.
 * @template T
 * @param {object} source
 * @param {Range[]} source.ranges The ranges to choose from, shortest first.
 * @param {string | null} source.range The key of the range in the address.
 * @param {(range: Range) => void} source.chosen Called with each range that the reader chooses.
 * @param {(period: Period, until: AbortSignal) => Promise<T>} source.ask
 * @param {(answer: T, period: Period) => import("./chart_card.js").Shown} source.chart The content of the chart.
 * @param {(answer: T, period: Period) => HTMLElement[]} source.below
 * @param {AbortSignal} signal
 */
export function rangePart({ ranges, range: key, chosen, ask, chart, below }, signal) {
  let range = rangeOf(key, ranges);
  let loading = new AbortController();
  let shown = "";

  const card = chartCard(ranges, range, (wanted) => choose(wanted), signal);
  const more = h("div", null, loadingScreen());
  const part = h("div", { class: "clicks-part", "aria-busy": "true" }, card.element, more);

  const load = async (quiet = false) => {
    loading.abort();
    loading = new AbortController();
    const until = AbortSignal.any([signal, loading.signal]);
    const period = periodOf(range, Intl.DateTimeFormat().resolvedOptions().timeZone, Date.now());
    if (!quiet) part.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(period, until);
      const answered = JSON.stringify([answer, period.starts]);
      // Drawing the same content again would lose the focus and close the table.
      if (answered !== shown) {
        const words = card.show(chart(answer, period));
        put(below(answer, period));
        if (!quiet && shown) announce(`${words}.`);
      }
      shown = answered;
    } catch (error) {
      if (isAborted(error)) return;
      shown = "";
      more.replaceChildren();
      card.fail(error, () => load());
    }
    part.removeAttribute("aria-busy");
  };

  /** Replaces the content below the chart. If the old content had the focus, the focus stays on the same link or moves to the title. */
  const put = (/** @type {HTMLElement[]} */ content) => {
    const focused = document.activeElement;
    const hadFocus = more.contains(focused);
    more.replaceChildren(...content);
    if (hadFocus) /** @type {HTMLElement} */ (more.querySelector(`a[href="${focused?.getAttribute("href")}"]`) ?? card.title).focus();
  };

  const choose = (/** @type {Range} */ wanted) => {
    if (wanted === range) return;
    range = wanted;
    card.showRange(range);
    chosen(range);
    load();
  };

  const step = (/** @type {1 | -1} */ by) => choose(ranges[ranges.indexOf(range) + by] ?? range);

  load();
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && load(true), { signal });
  return {
    element: part,
    /** The shortcuts. @type {Record<string, import("./keys.js").Shortcut>} */
    keys: {
      "[": { group: "Move", words: "Shorter period", run: () => step(-1) },
      "]": { group: "Move", words: "Longer period", run: () => step(1) },
    },
  };
}
