import assert from "node:assert/strict";
import test from "node:test";
import { forEachLink, outcome } from "../page/bulk.js";

const problem = (status) => Object.assign(new Error("refused"), { status });
const links = Array.from({ length: 10 }, (_, number) => ({ id: `l${number}` }));
const reason = (link, error) => `${link.id}: ${error.status ?? error.message}`;
const options = { progress: () => {}, isStopped: () => false, reason, wait: async () => {} };

test("each link is processed once, four at a time, and a failure does not stop the others", async () => {
  let running = 0;
  let most = 0;
  const seen = [];
  const counts = [];
  const { done, refused } = await forEachLink(links, async ({ id }) => {
    seen.push(id);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (id === "l3") throw problem(403);
  }, { ...options, progress: (count) => counts.push(count) });
  assert.equal(most, 4);
  assert.deepEqual([...new Set(seen)].sort(), links.map(({ id }) => id));
  assert.equal(done.length, 9);
  assert.deepEqual(refused.map((each) => each.reason), ["l3: 403"]);
  assert.deepEqual(counts, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("a rate-limited request is retried a limited number of times", async () => {
  const attempts = new Map();
  const waited = [];
  const { done, refused } = await forEachLink(links.slice(0, 2), async ({ id }) => {
    attempts.set(id, (attempts.get(id) ?? 0) + 1);
    if (id === "l1" || attempts.get(id) < 3) throw problem(429);
  }, { ...options, wait: async (milliseconds) => waited.push(milliseconds) });
  assert.deepEqual(done.map(({ id }) => id), ["l0"]);
  assert.equal(attempts.get("l0"), 3);
  assert.deepEqual(refused.map((each) => each.reason), ["l1: 429"]);
  assert.equal(Math.max(...waited), 3_000);
});

test("after a bulk change is stopped, no work on another link begins", async () => {
  let begun = 0;
  const { done, refused } = await forEachLink(links, async () => void begun++, { ...options, isStopped: () => begun >= 2 });
  assert.equal(begun, done.length);
  assert.ok(begun < links.length);
  assert.equal(refused.length, 0);
});

test("the result is one sentence, or two if only some of the links failed", () => {
  assert.equal(outcome("switched off", 2, 0), "2 switched off.");
  assert.equal(outcome("switched off", 2, 1), "2 switched off. 1 failed:");
  assert.equal(outcome("deleted", 0, 3), "3 failed:");
});
