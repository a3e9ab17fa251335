import assert from "node:assert/strict";
import test from "node:test";
import { initialsOf, nameOf, secondsOf, stateOf } from "../page/session.js";

const maya = { user_id: "1", name: "Maya Rao", organizations: [], expires_at: "2026-11-26T12:00:00Z" };

test("200 with a session means signed in", () => {
  assert.deepEqual(stateOf(200, maya, null), { kind: "signed-in", session: maya });
});

test("401 means that the user is signed out, or that browser sign-in is not configured", () => {
  assert.deepEqual(stateOf(401, { code: "unauthenticated" }, null), { kind: "signed-out" });
  assert.deepEqual(stateOf(401, null, null), { kind: "signed-out" });
  assert.deepEqual(stateOf(401, { code: "sign_in_not_configured" }, null), { kind: "not-configured" });
});

test("any other response, or no response, is an outage", () => {
  for (const [status, body] of [[0, null], [200, null], [404, maya], [429, null], [500, null], [503, { code: "unavailable" }]]) {
    assert.deepEqual(stateOf(status, body, "7"), { kind: "unavailable", retryAfter: 7 }, String(status));
  }
});

test("the wait from Retry-After is at least one second, and five seconds if the header is missing, a date or zero", () => {
  for (const [header, seconds] of [["7", 7], [null, 5], ["Thu, 26 Nov 2026 12:00:00 GMT", 5], ["-3", 1], ["0", 5]]) {
    assert.equal(secondsOf(header), seconds, String(header));
  }
});

test("a user without a name is shown by user id", () => {
  assert.equal(nameOf(maya), "Maya Rao");
  assert.equal(nameOf({ ...maya, name: null }), "1");
});

test("initials are the first characters of the first and the last word, in any script", () => {
  for (const [name, initials] of [
    ["Maya Rao", "MR"], ["maya", "M"], ["Ana María de la Cruz", "AC"], ["maya.rao@example.com", "MC"], ["李 小龙", "李小"], ["😀 x", "😀X"], ["", ""],
  ]) {
    assert.equal(initialsOf(name), initials, name);
  }
});
