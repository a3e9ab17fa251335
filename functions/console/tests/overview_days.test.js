import assert from "node:assert/strict";
import test from "node:test";
import { OVERVIEW_RANGES, comparisonOfDays, firstDayOf, periodFrom } from "../page/overview_days.js";
import { barsOf, earlierOf, periodOf, queryOf, rangeOf } from "../page/series.js";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-18T22:30:00Z");
const period = (key) => periodOf(rangeOf(key, OVERVIEW_RANGES), "Pacific/Kiritimati", NOW);

/** Returns a daily series whose points contain each day's clicks by people. The last point is for the day `last`. */
const days = (last, clicks, bots = 0) => clicks.map((number, index) => {
  const at = new Date(Date.parse(last) - (clicks.length - 1 - index) * DAY).toISOString().slice(0, 10);
  return { at, clicks: number, bots };
});

test("the overview has two ranges of at most 31 days, in UTC whatever the reader's time zone", () => {
  assert.deepEqual(OVERVIEW_RANGES.map(({ key }) => key), ["7d", "30d"]);
  assert.deepEqual(queryOf(period("7d")), { from: "2026-11-12", to: "2026-11-18", by: "day" });
  assert.deepEqual(queryOf(period("30d")), { from: "2026-10-20", to: "2026-11-18", by: "day" });
  assert.deepEqual(queryOf(earlierOf(period("30d"))), { from: "2026-09-20", to: "2026-10-19", by: "day" });
  // A link's page has ranges with the same keys, but in the reader's time zone.
  assert.equal(period("7d").zone, "UTC");
  assert.equal(period("90d").range.key, "30d");
});

test("days for which clicks were not counted have no bar", () => {
  const counted = periodFrom(period("7d"), "2026-11-16");
  const bars = barsOf(days("2026-11-18", [5, 6, 7]), counted);
  assert.deepEqual(bars.map(({ clicks, running }) => [clicks, running]), [[5, false], [6, false], [7, true]]);
  assert.deepEqual(periodFrom(period("7d"), "2026-11-12"), period("7d"));
  assert.deepEqual(periodFrom(period("7d"), null), period("7d"));
});

test("a comparison leaves out today, because it is not over, and also leaves out the last day of the previous period", () => {
  const bars = barsOf(days("2026-11-18", [10, 10, 10, 10, 10, 10, 900]), period("7d"));
  const before = (clicks, bots) => barsOf(days("2026-11-11", clicks, bots), earlierOf(period("7d")));
  assert.equal(comparisonOfDays(bars, before([8, 8, 8, 8, 8, 8, 500])), "60 of them before today: up 25% from 48");
  assert.equal(comparisonOfDays(bars, before([10, 10, 10, 10, 10, 10, 0])), "60 of them before today: as many as before");
});

test("there is no comparison unless all days of both periods are known", () => {
  const bars = barsOf(days("2026-11-18", [10, 10, 10, 10, 10, 10, 10]), period("7d"));
  const before = (clicks, bots) => barsOf(days("2026-11-11", clicks, bots), earlierOf(period("7d")));
  assert.equal(comparisonOfDays(bars, null), "");
  assert.equal(comparisonOfDays(bars.slice(1), before([8, 8, 8, 8, 8, 8, 8])), "");
  // If the first day has no clicks, counting may have begun only on the second day.
  assert.equal(comparisonOfDays(bars, before([0, 8, 8, 8, 8, 8, 8])), "");
  assert.equal(comparisonOfDays(bars, before([0, 8, 8, 8, 8, 8, 8], 1)), "60 of them before today: up 50% from 40");
  assert.equal(comparisonOfDays(bars, before([0, 0, 0, 0, 0, 0, 9], 1)), "");
});

test("the first day of a period is given as a day and a month", () => {
  assert.equal(firstDayOf(period("7d")), "12 Nov");
  assert.equal(firstDayOf(periodFrom(period("30d"), "2026-11-02")), "2 Nov");
});
