import assert from "node:assert/strict";
import test from "node:test";
import { LinkList } from "../page/link_list.js";

const link = (name, more = {}) => ({
  id: name, birth: `birth-${name}`, version: 1, clicks: 0, created_at: `2026-11-${String(30 - name.charCodeAt(0) + 97).padStart(2, "0")}T00:00:00.000Z`, ...more,
});
const page = (names, next_cursor = null) => ({ data: names.map((name) => (typeof name === "string" ? link(name) : name)), next_cursor, short_base: "" });
const names = (list) => list.links.map(({ id }) => id).join("");

test("pages are appended in order, and a link that is on two pages is shown once", () => {
  const list = new LinkList();
  assert.equal(list.isLoaded, false);
  assert.equal(list.append(page(["a", "b"], "next"), 0).length, 2);
  assert.equal(list.append(page(["b", "c"]), 0).length, 1);
  assert.equal(names(list), "abc");
  assert.equal(list.cursor, null);
});

test("a link that was just created is first, even if a response does not include it yet", () => {
  const list = new LinkList();
  list.append(page(["b", "c"]), 0);
  list.created(link("a", { clicks: undefined }), 1_000);
  assert.equal(names(list), "abc");
  assert.equal(list.links[0].clicks, 0);
  list.refresh(page(["b", "c"]), 2_000);
  assert.equal(names(list), "abc");
  list.refresh(page(["b", "c"]), 60_000);
  assert.equal(names(list), "bc");
});

test("a link that was just deleted stays hidden, but a new link with the same short name is shown", () => {
  const list = new LinkList();
  list.append(page(["a", "b"]), 0);
  list.deleted(link("a"), 1_000);
  assert.equal(names(list), "b");
  list.refresh(page(["a", "b"]), 2_000);
  assert.equal(names(list), "b");
  list.created(link("a", { birth: "another" }), 3_000);
  list.refresh(page(["a", "b"]), 4_000);
  assert.equal(list.links.map(({ birth }) => birth).join(), "another,birth-b");
});

test("an edited link keeps its place and its clicks, and an older response does not undo the edit", () => {
  const list = new LinkList();
  list.append(page(["a", link("b", { clicks: 7 })]), 0);
  list.changed(link("b", { version: 2, title: "New", clicks: undefined }), 1_000);
  assert.equal(list.links[1].title, "New");
  assert.equal(list.links[1].clicks, 7);
  list.refresh(page(["a", link("b", { clicks: 8 })]), 2_000);
  assert.equal(list.links[1].title, "New");
  assert.equal(list.links[1].clicks, 8);
  list.refresh(page(["a", link("b", { version: 3, title: "Newer" })]), 3_000);
  assert.equal(list.links[1].title, "Newer");
});

test("a new first page removes links that it no longer contains, and keeps later pages if there are any", () => {
  const list = new LinkList();
  list.append(page(["b", "c"], "1"), 0);
  list.append(page(["d", "e"], "2"), 0);
  list.refresh(page(["a", "c"], "other"), 60_000);
  assert.equal(names(list), "acde");
  assert.equal(list.cursor, "2");
  list.refresh(page(["a"]), 60_000);
  assert.equal(names(list), "a");
  assert.equal(list.cursor, null);
});

test("an edited link in a ranking keeps the number of its recent clicks", () => {
  const list = new LinkList();
  list.append(page([link("a", { clicks: undefined, recent: 63 })]), 0);
  list.changed(link("a", { version: 2, clicks: undefined }), 1_000);
  assert.deepEqual([list.links[0].version, list.links[0].recent, list.links[0].clicks], [2, 63, undefined]);
});

test("a restored link returns to its place", () => {
  const list = new LinkList();
  list.append(page(["a", "b", "c"]), 0);
  list.links[1].clicks = 7;
  list.deleted(link("b", { clicks: undefined }), 1_000);
  list.created(link("b", { version: 3, clicks: undefined }), 2_000);
  assert.equal(names(list), "abc");
  assert.equal(list.links[1].clicks, 7);
  list.deleted(link("c"), 3_000);
  list.created(link("c", { version: 3 }), 4_000);
  assert.equal(names(list), "abc");
});
