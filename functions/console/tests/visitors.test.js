import assert from "node:assert/strict";
import test from "node:test";
import { visitorsSee } from "../page/visitors.js";

const now = new Date("2026-11-18T12:00:00Z");
const link = (more) => ({ access: "public", enabled: true, expires_at: null, ...more });
const sentences = (more) => visitorsSee(link(more), "Acme Inc", now);

test("a link that simply leads to its destination needs no sentence", () => {
  assert.deepEqual(sentences({}), []);
});

test("what visitors see of an off or expired link takes precedence over who they are", () => {
  assert.match(sentences({ access: "members", enabled: false }).join(), /^Switched off: /);
  assert.match(sentences({ access: "members", expires_at: "2026-11-10T12:00:00Z" }).join(), /^Expired on 10 Nov: .* deleted on 10 Dec\.$/);
  assert.equal(sentences({ access: "members", expires_at: "2027-03-01T12:00:00Z" }).length, 2);
});
