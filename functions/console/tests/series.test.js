import assert from "node:assert/strict";
import test from "node:test";
import { barsOf, dayAt, earlierOf, periodOf, queryOf, rangeOf, sumOf } from "../page/series.js";

const HOUR = 3_600_000;
const at = (text) => Date.parse(text);
const period = (key, zone, now) => periodOf(rangeOf(key), zone, at(now));
const starts = (shown) => shown.starts.map((start) => new Date(start).toISOString().slice(0, 16));

/** The hours from one time to another. Each hour has one click. */
function hours(from, to) {
  const series = [];
  for (let time = at(from); time < at(to); time += HOUR) series.push({ at: new Date(time).toISOString(), clicks: 1, bots: 0 });
  return series;
}

test("the address can set the range, and a missing or unknown key means the default range", () => {
  assert.equal(rangeOf("7d").words, "7 days");
  for (const key of [null, "", "8d", "30D", "toString"]) assert.equal(rangeOf(key).key, "30d");
});

test("the bars of the last 24 hours begin on the hour, and the last hour is not over yet", () => {
  const shown = period("24h", "Europe/Berlin", "2026-11-18T09:42:00Z");
  assert.equal(starts(shown).length, 24);
  assert.deepEqual([starts(shown)[0], starts(shown).at(-1)], ["2026-11-17T10:00", "2026-11-18T09:00"]);
  assert.deepEqual(queryOf(shown), { from: "2026-11-17", to: "2026-11-18", by: "hour" });
  const bars = barsOf(hours("2026-11-17T00:00Z", "2026-11-19T00:00Z"), shown);
  assert.ok(bars.every(({ clicks }) => clicks === 1));
  assert.deepEqual(bars.filter(({ running }) => running), [bars.at(-1)]);
});

test("ranges of up to 30 days are in the reader's time zone", () => {
  const shown = period("7d", "Europe/Berlin", "2026-11-18T09:42:00Z");
  assert.equal(starts(shown)[0], "2026-11-11T23:00");
  // Clicks in the hours before and after midnight in Berlin. In UTC, both hours are on the same day.
  const series = [{ at: "2026-11-16T22:00:00.000Z", clicks: 3 }, { at: "2026-11-16T23:00:00.000Z", clicks: 5 }];
  assert.deepEqual(barsOf(series, shown).map(({ clicks }) => clicks), [0, 0, 0, 0, 3, 5, 0]);
});

test("the reader's day can be the day after the day in UTC, or the day before it", () => {
  const east = period("7d", "Pacific/Kiritimati", "2026-11-18T10:30:00Z");
  assert.equal(dayAt(at("2026-11-18T10:30:00Z"), "Pacific/Kiritimati"), "2026-11-19");
  assert.deepEqual([starts(east)[0], starts(east).at(-1)], ["2026-11-12T10:00", "2026-11-18T10:00"]);
  const west = period("7d", "America/Los_Angeles", "2026-11-18T05:30:00Z");
  assert.deepEqual([starts(west)[0], starts(west).at(-1)], ["2026-11-11T08:00", "2026-11-17T08:00"]);
});

test("the day on which clocks go forward has 23 hours, and the day on which they go back has 25", () => {
  const spring = period("7d", "Europe/Berlin", "2026-03-31T12:00:00Z");
  const counted = (shown, from, to) => barsOf(hours(from, to), shown).map(({ clicks }) => clicks);
  assert.deepEqual(counted(spring, "2026-03-24T00:00Z", "2026-03-31T12:00Z"), [24, 24, 24, 24, 23, 24, 14]);
  const autumn = period("7d", "Europe/Berlin", "2026-10-27T12:00:00Z");
  assert.deepEqual(counted(autumn, "2026-10-20T00:00Z", "2026-10-27T12:00Z"), [24, 24, 24, 24, 25, 24, 13]);
});

test("a day whose midnight is skipped begins when the clocks go forward", () => {
  // In Cairo, clocks go from 00:00 to 01:00 on 24 April 2026.
  const shown = period("7d", "Africa/Cairo", "2026-04-25T12:00:00Z");
  assert.deepEqual(starts(shown).slice(-3), ["2026-04-22T22:00", "2026-04-23T22:00", "2026-04-24T21:00"]);
});

test("an hour that begins before midnight and ends after it belongs to the day in which it begins", () => {
  const shown = period("7d", "Asia/Kolkata", "2026-11-18T09:00:00Z");
  assert.equal(starts(shown).at(-1), "2026-11-17T18:30");
  const bars = barsOf([{ at: "2026-11-17T18:00:00.000Z", clicks: 2 }, { at: "2026-11-17T19:00:00.000Z", clicks: 1 }], shown);
  assert.deepEqual(bars.slice(-2).map(({ clicks }) => clicks), [2, 1]);
});

test("in every time zone and at every hour, a request for clicks by hour covers at most 31 days", () => {
  const zones = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "America/New_York", "Europe/Berlin"];
  for (const zone of zones) {
    for (let hour = 0; hour < 24; hour++) {
      const now = `2026-11-05T${String(hour).padStart(2, "0")}:59:59Z`;
      for (const shown of [period("30d", zone, now), earlierOf(period("30d", zone, now))]) {
        const { from, to, by } = queryOf(shown);
        assert.equal(by, "hour");
        assert.ok((at(to) - at(from)) / (24 * HOUR) + 1 <= 31, `${zone} at ${now}: ${from} to ${to}`);
        assert.equal(shown.starts.length, 30);
      }
    }
  }
});

test("the bars of 90 days are days in UTC, and the bars of 12 months are weeks that begin on Mondays", () => {
  const days = period("90d", "America/New_York", "2026-11-18T03:00:00Z");
  assert.equal(days.zone, "UTC");
  assert.deepEqual(queryOf(days), { from: "2026-08-21", to: "2026-11-18", by: "day" });
  const year = period("12mo", "America/New_York", "2026-11-18T03:00:00Z");
  assert.ok(year.starts.every((start) => new Date(start).getUTCDay() === 1));
  assert.deepEqual(queryOf(year), { from: "2025-11-24", to: "2026-11-18", by: "day" });
  const series = [{ at: "2026-11-15", clicks: 7 }, { at: "2026-11-16", clicks: 1 }, { at: "2026-11-18", clicks: 2 }];
  assert.deepEqual(barsOf(series, year).slice(-2).map(({ clicks }) => clicks), [7, 3]);
  const sunday = period("12mo", "UTC", "2026-11-22T23:59:59Z");
  assert.equal(starts(sunday).at(-1), "2026-11-16T00:00");
});

test("the previous period has the same number of days, and ends at the same time of day", () => {
  const shown = period("7d", "Europe/Berlin", "2026-11-18T12:00:00Z");
  const before = earlierOf(shown);
  assert.deepEqual([starts(before)[0], new Date(before.end).toISOString()], ["2026-11-04T23:00", "2026-11-11T12:00:00.000Z"]);
  // There is one click an hour. Clicks after noon of the last day are left out.
  assert.equal(sumOf(barsOf(hours("2026-11-04T00:00Z", "2026-11-12T00:00Z"), before)), 6 * 24 + 14);
  assert.equal(sumOf(barsOf(hours("2026-11-11T00:00Z", "2026-11-18T13:00Z"), shown)), 6 * 24 + 14);
});

test("if clocks change, the previous period still begins at midnight, and the final days of both periods have the same length", () => {
  const shown = period("7d", "Europe/Berlin", "2026-10-28T12:00:00Z");
  const before = earlierOf(shown);
  assert.equal(starts(before)[0], "2026-10-14T22:00");
  assert.equal(before.end - before.starts.at(-1), shown.end - shown.starts.at(-1));
});

test("clicks outside the period are not counted", () => {
  const shown = period("24h", "UTC", "2026-11-18T09:42:00Z");
  assert.equal(sumOf(barsOf([{ at: "2026-11-17T09:00:00.000Z", clicks: 4 }, { at: "2026-11-18T10:00:00.000Z", clicks: 4 }], shown)), 0);
});

test("bots' clicks are counted separately from people's, in each bar and in the sum", () => {
  const shown = period("7d", "Europe/Berlin", "2026-11-18T09:42:00Z");
  const bars = barsOf([
    { at: "2026-11-16T22:00:00.000Z", clicks: 3, bots: 1 }, { at: "2026-11-16T23:00:00.000Z", clicks: 0, bots: 4 }, { at: "2026-11-17T01:00:00.000Z", clicks: 5, bots: 2 },
  ], shown);
  assert.deepEqual(bars.slice(-3).map(({ clicks, bots }) => [clicks, bots]), [[3, 1], [5, 6], [0, 0]]);
  assert.deepEqual([sumOf(bars), sumOf(bars, "bots")], [8, 7]);
});
