import assert from "node:assert/strict";
import test from "node:test";
import { barWords, comparisonOf, gridlinesOf, labelsOf, noteOf, timeOf } from "../page/axes.js";
import { periodOf, rangeOf } from "../page/series.js";

const at = (text) => Date.parse(text);
const NOW = "2026-11-18T09:42:00Z";
const period = (key, zone = "Europe/Berlin", now = NOW) => periodOf(rangeOf(key), zone, at(now));
const bar = (start, clicks, running = false, bots = 0) => ({ start: at(start), clicks, bots, running });
const labels = (shown, width) => labelsOf(shown, width).map(({ words }) => words);

test("there are at most three gridlines, at whole numbers, and no bar is higher than the highest gridline", () => {
  assert.deepEqual(gridlinesOf(0), [0, 1]);
  assert.deepEqual(gridlinesOf(1), [0, 1]);
  assert.deepEqual(gridlinesOf(2), [0, 1, 2]);
  assert.deepEqual(gridlinesOf(3), [0, 2, 4]);
  assert.deepEqual(gridlinesOf(69), [0, 40, 80]);
  assert.deepEqual(gridlinesOf(2_000), [0, 1_000, 2_000]);
  for (let most = 0; most < 20_000; most += 7) {
    const lines = gridlinesOf(most);
    assert.ok(lines.length <= 3 && lines.every(Number.isInteger) && lines.at(-1) >= most, `${most}: ${lines}`);
    assert.ok(most < 10 || lines.at(-1) <= 2 * most, `${most}: ${lines}`);
  }
});

test("a chart of 30 days has a label at each Monday or, with less room, at every second Monday", () => {
  assert.deepEqual(labels(period("30d"), 30), ["26 Oct", "2 Nov", "9 Nov", "16 Nov"]);
  assert.deepEqual(labels(period("30d"), 6), ["26 Oct", "9 Nov"]);
});

test("a chart of 90 days has a label at each Monday or, with less room, at the start of each month", () => {
  assert.equal(labels(period("90d"), 10).length, 13);
  assert.deepEqual(labels(period("90d"), 3), ["1 Sept", "1 Oct", "1 Nov"]);
});

test("a chart labels each month of 12 months, each day of 7 days, and every sixth hour of 24 hours", () => {
  assert.deepEqual(labels(period("12mo"), 18).slice(0, 3), ["Dec", "Jan", "Feb"]);
  assert.deepEqual(labels(period("7d"), 100), ["Thu 12", "Fri 13", "Sat 14", "Sun 15", "Mon 16", "Tue 17", "Wed 18"]);
  assert.deepEqual(labels(period("24h"), 30), ["12:00", "18:00", "18 Nov", "06:00"]);
  assert.deepEqual(labels(period("24h", "Asia/Kolkata"), 30), ["18:30", "18 Nov", "06:30", "12:30"]);
});

test("labels never overlap, however narrow the bars are", () => {
  for (const key of ["24h", "7d", "30d", "90d", "12mo"]) {
    for (let width = 1; width < 40; width++) {
      const shown = labelsOf(period(key), width);
      shown.forEach(({ index, words }, place) => {
        const next = shown[place + 1];
        if (next) assert.ok((next.index - index) * width >= 7 * Math.max(words.length, next.words.length), `${key} at ${width}: ${words}, ${next.words}`);
      });
    }
  }
});

test("the text of a bar gives its time, the number of people and, if bots are shown, the number of bots", () => {
  const day = "2026-11-17T23:00:00Z";
  assert.equal(barWords(bar(day, 63, false, 6), period("30d"), true), "Wed 18 Nov: 63 people, 6 bots");
  assert.equal(barWords(bar(day, 63, false, 6), period("30d"), false), "Wed 18 Nov: 63 people");
  assert.equal(barWords(bar(day, 1, true, 1), period("30d"), true), "Wed 18 Nov: 1 person, 1 bot so far");
  assert.equal(barWords(bar(day, 1_204, true), period("30d"), true), "Wed 18 Nov: 1,204 people, 0 bots so far");
  assert.equal(timeOf(bar("2026-11-18T13:00:00Z", 0), period("24h")), "Wed 18 Nov, 14:00");
  assert.equal(timeOf(bar("2025-11-24", 0), period("12mo")), "Week of 24 Nov 2025");
});

test("the note gives the time zone, and explains the outline of the last bar if that bar is visible", () => {
  assert.equal(noteOf(period("7d"), [bar(NOW, 1)]), "Days in Europe/Berlin. The outlined bar covers today so far.");
  assert.equal(noteOf(period("12mo"), [bar(NOW, 0)]), "Weeks from Monday, in UTC.");
});

test("a comparison gives the change in percent, and is empty if there were no clicks before", () => {
  assert.equal(comparisonOf(842, 714), "up 18% from 714");
  assert.equal(comparisonOf(357, 714), "down 50% from 714");
  assert.equal(comparisonOf(0, 714), "down 100% from 714");
  assert.equal(comparisonOf(714, 714), "as many as before");
  assert.equal(comparisonOf(1001, 1000), "up less than 1% from 1,000");
  assert.equal(comparisonOf(5, 0), "");
});
