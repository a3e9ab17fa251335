import { DAY, HOUR } from "./time.js";

/**
 * A range to choose. The bars of a range of up to 30 days are in the reader's time zone and are built from hours. The bars of longer
 * ranges are in UTC, because the API returns at most 31 days by hour.
 * @typedef {object} Range
 * @property {string} key Identifies the range in the address.
 * @property {string} short
 * @property {string} words
 * @property {"hour" | "day" | "week"} unit What a bar covers.
 * @property {number} bars The number of bars. The last bar covers a time that is not over yet.
 * @property {boolean} local Whether the bars are in the reader's time zone.
 *
 * A range with its actual times, which are in milliseconds since 1970.
 * @typedef {object} Period
 * @property {Range} range
 * @property {string} zone
 * @property {number[]} starts When each bar begins. A day on which clocks change has 23 or 25 hours.
 * @property {number} end
 *
 * @typedef {{ start: number, clicks: number, bots: number, running: boolean }} Bar Its `clicks` do not include bots' clicks.
 */

/** @type {Range[]} */
export const RANGES = [
  { key: "24h", short: "24 h", words: "24 hours", unit: "hour", bars: 24, local: true },
  { key: "7d", short: "7 d", words: "7 days", unit: "day", bars: 7, local: true },
  { key: "30d", short: "30 d", words: "30 days", unit: "day", bars: 30, local: true },
  { key: "90d", short: "90 d", words: "90 days", unit: "day", bars: 90, local: false },
  { key: "12mo", short: "12 mo", words: "12 months", unit: "week", bars: 52, local: false },
];

const DEFAULT_RANGE = "30d";

/** The offset of every time zone from UTC is a multiple of 15 minutes, and at most 14 hours. */
const QUARTER = HOUR / 4;
const MAX_OFFSET = 14 * HOUR;

/**
 * The range in the address, or the default range if the key is missing or unknown.
 * @param {string | null} key
 * @param {Range[]} [ranges] The ranges to choose from.
 * @returns {Range}
 */
export function rangeOf(key, ranges = RANGES) {
  const find = (/** @type {string | null} */ wanted) => ranges.find((range) => range.key === wanted);
  return /** @type {Range} */ (find(key) ?? find(DEFAULT_RANGE));
}

/**
 * The parameters that represent a range in the page's address.
 * @param {Range} range
 */
export function inAddress({ key }) {
  return { range: key === DEFAULT_RANGE ? "" : key };
}

/**
 * The range that ends now.
 * @param {Range} range
 * @param {string} zone The reader's time zone.
 * @param {number} now
 * @returns {Period}
 */
export function periodOf(range, zone, now) {
  const shown = range.local ? zone : "UTC";
  return { range, zone: shown, starts: startsOf(range, shown, now, 0), end: now };
}

/**
 * The previous period. If this period ends in the middle of a day, the previous period ends at the same time of day.
 * Otherwise half a day would be compared with a whole day. (In UTC, only counts of whole days are known.)
 * @param {Period} period
 * @returns {Period}
 */
export function earlierOf(period) {
  const { range, zone, end } = period;
  const starts = startsOf(range, zone, end, range.bars);
  const running = end - (period.starts.at(-1) ?? end);
  return { range, zone, starts, end: (starts.at(-1) ?? end) + running };
}

/**
 * The query parameters with which the API returns the clicks of this period.
 * @param {Period} period
 */
export function queryOf(period) {
  return { from: dayAt(period.starts[0] ?? 0, "UTC"), to: dayAt(period.end, "UTC"), by: period.range.local ? "hour" : "day" };
}

/**
 * The bars of a period. In a zone with an offset of half an hour, an hour from the API can begin before midnight and end after
 * midnight. Such an hour is added to the day in which it begins.
 * @param {import("api").Point[]} series
 * @param {Period} period
 * @returns {Bar[]}
 */
export function barsOf(series, period) {
  const { starts, end } = period;
  const bars = starts.map((start, index) => ({ start, clicks: 0, bots: 0, running: index === starts.length - 1 }));
  for (const { at, clicks, bots } of series) {
    const time = Date.parse(at);
    const bar = time <= end ? bars.findLast(({ start }) => start <= time) : undefined;
    if (!bar) continue;
    bar.clicks += clicks;
    bar.bots += bots;
  }
  return bars;
}

/**
 * The number of clicks in the bars.
 * @param {Bar[]} bars
 * @param {"clicks" | "bots"} [whose] Clicks of people, or of bots.
 */
export function sumOf(bars, whose = "clicks") {
  return bars.reduce((sum, bar) => sum + bar[whose], 0);
}

/**
 * The day in a time zone, such as `2026-11-18`.
 * @param {number} time
 * @param {string} zone
 */
export function dayAt(time, zone) {
  return zone === "UTC" ? new Date(time).toISOString().slice(0, 10) : inZone(time, zone, { dateStyle: "short" }, "en-CA");
}

/** A cache of formats, which are expensive to create. @type {Map<string, Intl.DateTimeFormat>} */
const zoneFormats = new Map();

/**
 * Formats a time in a time zone.
 * @param {number} time
 * @param {string} zone
 * @param {Intl.DateTimeFormatOptions} parts
 * @param {string} [locale]
 */
export function inZone(time, zone, parts, locale = "en-GB") {
  const key = JSON.stringify([zone, parts, locale]);
  const format = zoneFormats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: zone, ...parts });
  zoneFormats.set(key, format);
  return format.format(time);
}

/**
 * Returns the times at which the bars begin.
 * @param {Range} range
 * @param {string} zone
 * @param {number} now
 * @param {number} skipped How many of the latest bars to leave out.
 */
function startsOf({ unit, bars }, zone, now, skipped) {
  const backs = Array.from({ length: bars }, (_, index) => bars - 1 - index + skipped);
  if (unit === "hour") return backs.map((back) => Math.floor(now / HOUR) * HOUR - back * HOUR);
  // Calculates with the same date in UTC, where every day has 24 hours.
  const today = Date.parse(dayAt(now, zone));
  if (unit === "day") return backs.map((back) => startOfDay(today - back * DAY, zone));
  const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY;
  return backs.map((back) => monday - back * 7 * DAY);
}

/**
 * The time at which a day begins in a time zone. A day does not always begin at midnight, because some zones change
 * their clocks at midnight.
 * @param {number} midnight The day's midnight in UTC.
 * @param {string} zone
 */
function startOfDay(midnight, zone) {
  if (zone === "UTC") return midnight;
  const day = dayAt(midnight, "UTC");
  let before = midnight - MAX_OFFSET - QUARTER;
  let begun = midnight + MAX_OFFSET;
  while (begun - before > QUARTER) {
    const middle = before + Math.floor((begun - before) / 2 / QUARTER) * QUARTER;
    if (dayAt(middle, zone) < day) before = middle;
    else begun = middle;
  }
  return begun;
}
