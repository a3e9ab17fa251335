import { callApi, linkPath } from "./api.js";
import { comparisonOf } from "./axes.js";
import { breakdownsOf } from "./breakdown.js";
import { h } from "./dom.js";
import { rangePart } from "./range_part.js";
import { RANGES, barsOf, earlierOf, inZone, queryOf, sumOf } from "./series.js";
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
export function clicksPart({ org, slug, range, link, chosen }, signal) {
  /** @type {number | null} */
  let total = null;

  const ask = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const { body } = await callApi("GET", `${linkPath(org, slug)}/clicks`, { query: queryOf(period), signal: until });
    return /** @type {Clicks} */ (body);
  };

  /** The previous period's clicks. Null if the link was created after that period began, or if that period's counts are no longer kept. */
  const askBefore = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const { created_at } = await link;
    const before = earlierOf(period);
    if ((before.starts[0] ?? 0) < Date.parse(created_at)) return null;
    const { from, series } = await ask(before, until);
    return from === queryOf(before).from ? sumOf(barsOf(series, before)) : null;
  };

  const part = rangePart({
    ranges: RANGES, range, chosen,
    async ask(period, until) {
      const [clicks, before, { created_at }] = await Promise.all([ask(period, until), askBefore(period, until), link]);
      total = clicks.total;
      return { clicks, before, created: created_at };
    },
    chart({ clicks: { from, total, bots, series }, before, created }, period) {
      const bars = barsOf(series, period);
      const sum = sumOf(bars);
      const isCut = from !== null && from > queryOf(period).from && created < from;
      return {
        period, bars,
        compared: before === null ? "" : comparisonOf(sum, before),
        // While clicks are being counted, the sum of the period can exceed the link's total for a moment.
        inAll: sum === 0 || sum >= total ? "" : `${count(total)} in all`,
        empty: total === 0 ? (bots > 0 ? `No clicks by people yet; ${count(bots)} by bots.` : "No clicks yet. New ones appear within seconds.") : `No clicks in this period; ${count(total)} in all.`,
        note: isCut ? `Counts from before ${inZone(Date.parse(from), "UTC", { dateStyle: "medium" })} are no longer kept.` : "",
      };
    },
    below({ clicks }, period) {
      const sum = sumOf(barsOf(clicks.series, period));
      if (sum === 0) return [];
      const whole = clicks.series.reduce((all, { clicks: people }) => all + people, 0);
      const day = (/** @type {string | null} */ at) => inZone(Date.parse(at ?? ""), "UTC", { day: "numeric", month: "short" });
      const note = `Referrers, devices and countries count whole UTC days: ${count(whole)} clicks from ${day(clicks.from)} to ${day(clicks.to)}.`;
      return [whole === sum ? h("div") : h("p", { class: "footnote quiet" }, note), breakdownsOf(clicks)];
    },
  }, signal);

  return {
    ...part,
    /** The total number of people's clicks, if it is known. */
    total: () => total,
  };
}
