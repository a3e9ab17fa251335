import { dayAt, inZone } from "./series.js";
import { count, counted } from "./text.js";
import { DAY } from "./time.js";

/**
 * @typedef {import("./series.js").Period} Period
 * @typedef {import("./series.js").Bar} Bar
 * @typedef {{ index: number, words: string }} Label The label of the bar with this index.
 */

/** The width of a character in a label, and the space between two labels, in pixels. */
export const LABEL_CHARACTER = 7;
const LABEL_SPACE = 8;

/** If a chart covers at least this number of days, its labels mark only the start of each month. */
const MANY_DAYS = 60;

/**
 * The values of the gridlines: at most three whole numbers. The first is 0, and the last is at least `most`.
 * @param {number} most
 * @returns {number[]}
 */
export function gridlinesOf(most) {
  if (most <= 1) return [0, 1];
  const half = most / 2;
  const power = 10 ** Math.floor(Math.log10(half));
  const step = ([1, 2, 3, 4, 5, 6, 8].find((factor) => factor * power >= half) ?? 10) * power;
  return [0, step, 2 * step];
}

/**
 * Which bars to label so that labels do not overlap: for example Mondays or, if there is less room, the starts of
 * months.
 * @param {Period} period
 * @param {number} width The width of a bar and its gap, in pixels.
 * @returns {Label[]}
 */
export function labelsOf(period, width) {
  const fit = (/** @type {Label[]} */ labels) => labels.every((label, place) => {
    const next = labels[place + 1];
    return !next || (next.index - label.index) * width >= Math.max(label.words.length, next.words.length) * LABEL_CHARACTER + LABEL_SPACE;
  });
  const all = candidates(period);
  const found = all.find(fit);
  if (found) return found;
  const last = all.at(-1) ?? [];
  let labels = last;
  for (let stride = 2; !fit(labels); stride++) labels = last.filter((_, place) => place % stride === 0);
  return labels;
}

/**
 * The text of a bar: "Tue 18 Nov: 63 people, 6 bots".
 * @param {Bar} bar
 * @param {Period} period
 * @param {boolean} withBots
 */
export function barWords(bar, period, withBots) {
  const people = bar.clicks === 1 ? "1 person" : `${count(bar.clicks)} people`;
  return `${timeOf(bar, period)}: ${people}${withBots ? `, ${counted(bar.bots, "bot")}` : ""}${bar.running ? " so far" : ""}`;
}

/**
 * The time of a bar: "Tue 18 Nov, 14:00", "Tue 18 Nov", "Week of 17 Nov 2025".
 * @param {Bar} bar
 * @param {Period} period
 */
export function timeOf({ start }, { range, zone }) {
  const date = inZone(start, zone, { day: "numeric", month: "short" });
  if (range.unit === "week") return `Week of ${date} ${dayAt(start, zone).slice(0, 4)}`;
  const day = `${inZone(start, zone, { weekday: "short" })} ${date}`;
  return range.unit === "hour" ? `${day}, ${clockOf(start, zone)}` : day;
}

/**
 * The note below a chart: what a bar covers, the time zone and, if the last bar is visible, what its outline means.
 * @param {Period} period
 * @param {Bar[]} bars
 */
export function noteOf({ range, zone }, bars) {
  const [units, last] = {
    hour: ["Hours", "this hour"],
    day: ["Days", "today"],
    week: ["Weeks from Monday,", "this week"],
  }[range.unit];
  return `${units} in ${zone}.${bars.at(-1)?.clicks ? ` The outlined bar covers ${last} so far.` : ""}`;
}

/**
 * The change from the previous period: "up 18% from 714". Empty if there is nothing to compare with.
 * @param {number} now
 * @param {number} before
 */
export function comparisonOf(now, before) {
  if (before === 0) return "";
  if (now === before) return "as many as before";
  const percent = Math.round((Math.abs(now - before) / before) * 100);
  return `${now > before ? "up" : "down"} ${percent === 0 ? "less than 1" : count(percent)}% from ${count(before)}`;
}

/**
 * The sets of bars that can get labels, the densest set first.
 * @param {Period} period
 * @returns {Label[][]}
 */
function candidates({ range, zone, starts }) {
  const labels = (/** @type {(start: number, index: number) => string | false} */ words) =>
    starts.map((start, index) => ({ index, words: words(start, index) || "" })).filter(({ words: some }) => some !== "");
  const month = (/** @type {number} */ time) => dayAt(time, zone).slice(0, 7);
  const date = (/** @type {number} */ start) => inZone(start, zone, { day: "numeric", month: "short" });
  switch (range.unit) {
    case "hour":
      return [labels((start) => {
        const clock = clockOf(start, zone);
        const hour = Number(clock.slice(0, 2));
        return hour === 0 ? date(start) : hour % 6 === 0 && clock;
      })];
    case "week":
      return [labels((start) => month(start + 6 * DAY) !== month(start - DAY) && inZone(start + 6 * DAY, zone, { month: "short" }))];
    case "day": {
      if (starts.length <= 7) return [labels((start) => inZone(start, zone, { weekday: "short", day: "numeric" }))];
      const mondays = labels((start) => inZone(start, zone, { weekday: "short" }) === "Mon" && date(start));
      if (starts.length < MANY_DAYS) return [mondays];
      return [mondays, labels((start) => dayAt(start, zone).endsWith("-01") && date(start))];
    }
  }
}

/**
 * @param {number} time
 * @param {string} zone
 */
function clockOf(time, zone) {
  return inZone(time, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
