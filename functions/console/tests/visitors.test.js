import assert from "node:assert/strict";
import test from "node:test";
import { visitorsSee } from "../page/visitors.js";

const now = new Date("2026-11-18T12:00:00Z");
const link = (more) => ({ access: "public", enabled: true, expires_at: null, ...more });
const sentences = (more) => visitorsSee(link(more), "Acme Inc", now);

test("there is no sentence about a link that simply redirects its visitors", () => {
  assert.deepEqual(sentences({}), []);
});

test("a link that is off or expired is described that way, even if it is for members only", () => {
  assert.match(sentences({ access: "members", enabled: false }).join(), /^Switched off: /);
  assert.match(sentences({ access: "members", expires_at: "2026-11-10T12:00:00Z" }).join(), /^Expired on 10 Nov: .* deleted on 10 Dec\.$/);
  assert.equal(sentences({ access: "members", expires_at: "2027-03-01T12:00:00Z" }).length, 2);
});
