import assert from "node:assert/strict";
import test from "node:test";
import { countriesOf, referrerName } from "../page/breakdown.js";

const of = (name, clicks) => ({ name, clicks });

test("a country is shown by its name, or by its code if the code has no name", () => {
  assert.deepEqual(countriesOf([of("DE", 3), of("QX", 1)], [of("desktop", 4)]), [of("Germany", 3), of("QX", 1)]);
});

test("clicks without a known country are listed as Unknown, unless no country is known at all", () => {
  assert.deepEqual(countriesOf([of("DE", 3)], [of("desktop", 4), of("bot", 1)]), [of("Germany", 3), of("Unknown", 2)]);
  assert.deepEqual(countriesOf([], [of("desktop", 4)]), []);
});

test("referrers that are not hosts are shown as words", () => {
  assert.equal(referrerName("direct"), "Direct or unknown");
  assert.equal(referrerName("other"), "Other");
  assert.equal(referrerName("news.example.com"), "news.example.com");
});
