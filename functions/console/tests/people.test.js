import assert from "node:assert/strict";
import test from "node:test";
import { creatorOf, mayChange, refusalOf } from "../page/people.js";

const link = { org_id: "acme", creator_user_id: "0f3f5a0e-0003", creator_name: "Maya Rao" };
const session = (user_id, edits_all_links) => ({ user_id, organizations: [{ id: "acme", edits_all_links }, { id: "globex", edits_all_links: true }] });

test("a creator is shown as You, as a name, or as the end of the id", () => {
  assert.equal(creatorOf(link, "0f3f5a0e-0003"), "You");
  assert.equal(creatorOf(link, "other"), "Maya Rao");
  assert.match(creatorOf({ ...link, creator_name: null }, "other"), /e-0003$/);
});

test("a link can be changed by its creator and by users who edit all links of its organization, and by no one else", () => {
  assert.equal(mayChange(link, session("0f3f5a0e-0003", false)), true);
  assert.equal(mayChange(link, session("other", true)), true);
  assert.equal(mayChange(link, session("other", false)), false);
  assert.equal(mayChange({ ...link, org_id: "elsewhere" }, session("other", true)), false);
});

test("other users see who can change a link", () => {
  assert.equal(refusalOf(link), "Only Maya Rao or an admin can change this link.");
});
