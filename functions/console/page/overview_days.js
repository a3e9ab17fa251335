import { comparisonOf } from "./axes.js";
import { RANGES, inZone, sumOf } from "./series.js";
import { count } from "./text.js";

/**
 * @typedef {import("./series.js").Period} Period
 * @typedef {import("./series.js").Bar} Bar
 */

/** Ranges of 7 and 30 days. For an organization, the API returns at most 31 days, by day in UTC. @type {import("./series.js").Range[]} */
export const OVERVIEW_RANGES = RANGES.slice(1, 3).map((range) => ({ ...range, local: false }));

/**
 * The part of a period for which clicks were counted. It begins with the day `from`.
 * @param {Period} period
 * @param {string | null} from The first counted day, such as `2026-11-18`. Null if no day was counted, for example because the clock is wrong.
 * @returns {Period}
 */
export function periodFrom(period, from) {
  return { ...period, starts: period.starts.filter((start) => start >= Date.parse(from ?? "1970")) };
}

/**
 * The change in clicks from the previous period. The comparison leaves out today: today is not over, and a day's count (in UTC)
 * cannot be split into hours. To compare the same number of days, it also leaves out the last day of the previous period.
 * @param {Bar[]} bars
 * @param {Bar[] | null} before The bars of the previous period. Null if some days of that period are unknown.
 */
export function comparisonOfDays(bars, before) {
  const first = before?.[0];
  // If the first day of the previous period has no clicks, counting may have begun only after that day.
  if (!before || before.length > bars.length || !(first?.clicks || first?.bots)) return "";
  const over = sumOf(bars.slice(0, -1));
  const compared = comparisonOf(over, sumOf(before.slice(0, -1)));
  return compared && `${count(over)} of them before today: ${compared}`;
}

/**
 * The first day of a period, for use in a sentence: "12 Nov".
 * @param {Period} period
 */
export function firstDayOf({ starts, zone }) {
  return inZone(starts[0] ?? 0, zone, { day: "numeric", month: "short" });
}
