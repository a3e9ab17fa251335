import assert from "node:assert/strict";
import test from "node:test";
import { badgesOf, visitorsSee } from "../page/visitors.js";

const now = new Date("2026-11-18T12:00:00Z");
const link = (more) => ({ access: "public", enabled: true, expires_at: null, ...more });
const words = (more) => badgesOf(link(more), now).map((badge) => badge.words);
const sentences = (more) => visitorsSee(link(more), "Acme Inc", now);

test("a link that simply leads to its destination has no badge and no sentence", () => {
  assert.deepEqual(words({}), []);
  assert.deepEqual(sentences({}), []);
});

test("badges name what is exceptional", () => {
  assert.deepEqual(words({ access: "members", enabled: false, expires_at: "2026-11-01T00:00:00Z" }), ["Members only", "Off", "Expired"]);
  assert.deepEqual(words({ expires_at: "2026-11-20T12:00:00Z" }), ["Expires Fri"]);
});

test("what visitors see of an off or expired link takes precedence over who they are", () => {
  assert.match(sentences({ access: "members", enabled: false }).join(), /^Switched off: /);
  assert.match(sentences({ access: "members", expires_at: "2026-11-10T12:00:00Z" }).join(), /^Expired on 10 Nov: .* deleted on 10 Dec\.$/);
  assert.equal(sentences({ access: "members", expires_at: "2027-03-01T12:00:00Z" }).length, 2);
});
