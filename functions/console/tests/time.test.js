import assert from "node:assert/strict";
import test from "node:test";
import { ageOf, dayOf, expiryOf, fullTime, localInputValue } from "../page/time.js";

const now = new Date(2026, 10, 26, 12, 0);
const before = (minutes) => new Date(now.getTime() - minutes * 60_000);
const after = (minutes) => before(-minutes).toISOString();

test("an age is shown in minutes, hours or days for up to a week, and then as a date", () => {
  for (const [minutes, age] of [
    [-1, "now"], [0.9, "now"], [1, "1 min"], [59, "59 min"], [60, "1 h"], [23 * 60, "23 h"], [24 * 60, "1 d"], [6 * 24 * 60, "6 d"], [14 * 24 * 60, "12 Nov"],
  ]) {
    assert.equal(ageOf(before(minutes), now), age);
  }
});

test("a date in another year includes the year", () => {
  assert.equal(dayOf(new Date(2026, 0, 3), now), "3 Jan");
  assert.equal(dayOf(new Date(2025, 11, 31), now), "31 Dec 2025");
});

test("an expiry is shown only if it has passed or is at most a week away", () => {
  assert.equal(expiryOf(null, now), null);
  assert.deepEqual(expiryOf(after(0), now), { kind: "expired", words: "Expired" });
  assert.deepEqual(expiryOf(after(-60), now), { kind: "expired", words: "Expired" });
  assert.deepEqual(expiryOf(after(90), now), { kind: "expiring", words: "Expires 13:30" });
  // This is a Thursday, so the next day is a Friday.
  assert.deepEqual(expiryOf(after(24 * 60), now), { kind: "expiring", words: "Expires Fri" });
  assert.equal(expiryOf(after(8 * 24 * 60), now), null);
});

test("an expiry in exactly a week is shown as a weekday, and an expiry today as a time", () => {
  assert.deepEqual(expiryOf(after(7 * 24 * 60), now), { kind: "expiring", words: "Expires Thu" });
  assert.deepEqual(expiryOf(after(1), now), { kind: "expiring", words: "Expires 12:01" });
});

test("a time in full has the weekday, the date and the time in the reader's zone", () => {
  assert.match(fullTime(now), /Thursday.*26 November 2026.*12:00/);
});

test("a time can be converted to the format of a date-and-time field", () => {
  assert.equal(localInputValue(new Date(2026, 0, 3, 4, 5, 59)), "2026-01-03T04:05");
});
