import assert from "node:assert/strict";
import test from "node:test";
import { differencesOf, effectOf, isKept, notUndone, verbOf } from "../page/history.js";

const link = { id: "wiki", url: "https://example.com/", title: "Wiki", tags: ["a", "b"], access: "public", enabled: true, expires_at: null };
const differences = (before, after) => differencesOf({ before, after }, (user, name) => name ?? `user ${user}`, (date) => date.toISOString());

test("each kind of change is shown as a verb, and the verb of an undo says what the undo did", () => {
  assert.equal(verbOf({ change: "hand_over", before: {}, after: {} }), "handed over");
  assert.equal(verbOf({ change: "undo", before: null, after: link }), "brought back");
  assert.equal(verbOf({ change: "undo", before: link, after: null }), "deleted");
  assert.equal(verbOf({ change: "undo", before: {}, after: {} }), "undid a change of");
  assert.equal(verbOf({ change: "of_tomorrow", before: {}, after: {} }), "of_tomorrow");
});

test("undoing a creation deletes the link, undoing a deletion restores it, and undoing anything else changes it", () => {
  assert.equal(effectOf({ before: null, after: link }), "link-deleted");
  assert.equal(effectOf({ before: link, after: null }), "link-created");
  assert.equal(effectOf({ before: {}, after: {} }), "link-changed");
});

test("only fields that changed are shown, in people's words and always in the same order", () => {
  assert.deepEqual(differences(
    { expires_at: null, enabled: true, tags: ["a", "b"], access: "public", title: null },
    { title: "New", expires_at: "2026-12-01T00:00:00Z", enabled: false, tags: [], access: "members" },
  ), [
    { name: "Title", before: "None", after: "New" },
    { name: "Tags", before: "a, b", after: "None" },
    { name: "Who can open it", before: "Anyone", after: "Members only" },
    { name: "Expires", before: "Never", after: "2026-12-01T00:00:00.000Z" },
    { name: "On/off", before: "On", after: "Off" },
  ]);
});

test("for a created or deleted link, only the destination is shown", () => {
  assert.deepEqual(differences(null, link), [{ name: "Destination", before: "", after: "https://example.com/" }]);
  assert.deepEqual(differences(link, null), [{ name: "Destination", before: "https://example.com/", after: "" }]);
});

test("a rename shows the old and the new name; freeing a name shows the old and the new list of previous names", () => {
  assert.deepEqual(differences({ id: "old", aliases: [] }, { id: "new", aliases: ["old"] }), [{ name: "Short name", before: "old", after: "new" }]);
  assert.deepEqual(differences({ aliases: ["old"] }, { aliases: [] }), [{ name: "Previous short names", before: "old", after: "None" }]);
});

test("a hand-over shows the old and the new creator, each as a name or as an id", () => {
  const before = { creator_user_id: "u1", creator_name: "Maya Rao" };
  assert.deepEqual(differences(before, { creator_user_id: "u2", creator_name: null }), [{ name: "Made by", before: "Maya Rao", after: "user u2" }]);
});

test("a deleted link can be brought back for 30 days, once", () => {
  const at = "2026-11-01T00:00:00Z";
  assert.equal(isKept({ at, undone_by: null }, Date.parse("2026-11-30T23:59:59Z")), true);
  assert.equal(isKept({ at, undone_by: null }, Date.parse("2026-12-01T00:00:00Z")), false);
  assert.equal(isKept({ at, undone_by: "r" }, Date.parse(at)), false);
});

test("a refused undo lists the fields that have changed again; any other refusal shows the API's message", () => {
  const errors = [{ pointer: "/url" }, { pointer: "/expires_at" }];
  assert.equal(notUndone({ code: "changed_since", message: "No.", errors }), "Changed again since then: Destination, Expires.");
  assert.equal(notUndone({ code: "already_undone", message: "Undone already.", errors: [] }), "Undone already.");
  assert.equal(notUndone(new TypeError("Oh")), "Oh");
});
