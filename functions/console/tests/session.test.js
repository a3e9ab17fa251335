import assert from "node:assert/strict";
import test from "node:test";
import { stateOf } from "../page/session.js";

const organization = { id: "1189c444-8a2d-4c41-8b4b-ae43ce79a492", name: "Acme Inc", role: "Member", manages_all_links: false };
const session = (organizations) => ({ user_id: "1", name: "Maya Rao", organizations, expires_at: "2026-11-26T12:00:00Z" });

test("whoever belongs to an organization is signed in", () => {
  const maya = session([organization]);
  assert.deepEqual(stateOf(200, maya, null), { kind: "signed-in", session: maya });
});

test("whoever belongs to no organization can ask for one", () => {
  const stella = session([]);
  assert.deepEqual(stateOf(200, stella, null), { kind: "no-organization", session: stella });
});

test("401 means signed out", () => {
  assert.deepEqual(stateOf(401, null, null), { kind: "signed-out" });
});

test("any other answer is tried again after Retry-After, or after 5 seconds", () => {
  for (const [retryAfter, seconds] of [["7", 7], [null, 5], ["soon", 5], ["-3", 1]]) {
    assert.deepEqual(stateOf(503, null, retryAfter), { kind: "unavailable", retryAfter: seconds });
  }
});
