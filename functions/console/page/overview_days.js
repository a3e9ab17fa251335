import { comparisonOf } from "./axes.js";
import { RANGES, inZone, sumOf } from "./series.js";

/**
 * @typedef {import("./series.js").Period} Period
 * @typedef {import("./series.js").Bar} Bar
 */

/** The API answers an organization's clicks by day of UTC, and at most 31 days. @type {import("./series.js").Range[]} */
export const OVERVIEW_RANGES = RANGES.filter(({ key }) => key === "7d" || key === "30d").map((range) => ({ ...range, local: false }));

/**
 * The part of a period that was counted: from this day on.
 * @param {Period} period
 * @param {string} from Such as `2026-11-18`.
 * @returns {Period}
 */
export function periodFrom(period, from) {
  return { ...period, starts: period.starts.filter((start) => start >= Date.parse(from)) };
}

/**
 * How many more or fewer clicks there were than in the period before. Days of UTC have no hours: so today, which is not over,
 * is left out, and so is the last day of the period before.
 * @param {Bar[]} bars
 * @param {Bar[] | null} before Null if they are not all known.
 */
export function comparisonOfDays(bars, before) {
  // Without a click on its first day, the organization or its counts may be younger than that.
  const first = before?.[0];
  if (!before || !first || first.clicks + first.bots === 0) return "";
  const compared = comparisonOf(sumOf(bars.slice(0, -1)), sumOf(before.slice(0, -1)));
  return compared && `${compared} without today`;
}

/**
 * A day as a sentence has it: "12 Nov".
 * @param {string} day Such as `2026-11-12`.
 */
export function dayWords(day) {
  return inZone(Date.parse(day), "UTC", { day: "numeric", month: "short" });
}
