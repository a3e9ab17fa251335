import assert from "node:assert/strict";
import test from "node:test";
import { changedOrder, combined, filterCount, filtersOf, isFiltered, isMatch, isSameFilter, NO_FILTERS, parametersOf, soughtUrl } from "../page/filters.js";

const filters = (search) => filtersOf(new URLSearchParams(search));

test("the address can set filters, and an unknown state is ignored", () => {
  assert.deepEqual(filters("q=spring&creator=u-1&tag=t&state=off&other=1"), { q: "spring", creator: "u-1", tag: "t", state: "off", sort: "" });
  assert.deepEqual(filters("state=broken"), NO_FILTERS);
});

test("a message says that choosing an order cleared the filters, or that setting a filter cleared the order", () => {
  assert.match(changedOrder(filters("q=a"), filters("sort=7")), /cleared/);
  assert.match(changedOrder(filters("sort=7"), filters("tag=t")), /^Newest first again/);
  for (const [before, after] of [["", "sort=7"], ["sort=7", "sort=30"], ["sort=7", ""], ["q=a", "tag=t"], ["q=%20", "sort=7"]]) {
    assert.equal(changedOrder(filters(before), filters(after)), "");
  }
});

test("spaces alone are not treated as a filter", () => {
  assert.equal(isFiltered(filters("q=%20")), false);
  assert.equal(isFiltered(filters("q=a")), true);
  assert.equal(filterCount(filters("q=a&tag=t&state=on")), 2);
  assert.ok(isSameFilter(filters("q=a"), filters("q=a%20")));
  assert.ok(!isSameFilter(filters("q=a"), filters("q=a&tag=t")));
});

test("a complete URL must match exactly, and any other search text can occur anywhere", () => {
  assert.equal(soughtUrl(filters("q=https%3A%2F%2Fexample.com%2Fx")), "https://example.com/x");
  assert.equal(soughtUrl(filters("q=example.com")), null);
  assert.deepEqual(parametersOf(filters("q=https%3A%2F%2Fexample.com%2Fx&tag=t")), { q: "", url: "https://example.com/x", creator: "", tag: "t", state: "" });
  assert.deepEqual(parametersOf(filters("q=example.com")), { q: "example.com", url: null, creator: "", tag: "", state: "" });
});

test("the slash before a short name is dropped from a search text, and a long text is cut off", () => {
  assert.equal(parametersOf(filters("q=/launch")).q, "launch");
  assert.equal(parametersOf(filters(`q=${"x".repeat(300)}`)).q.length, 100);
});

test("sorting by clicks applies to all links, so filtered links are shown newest first", () => {
  assert.deepEqual(filters("sort=30"), { ...NO_FILTERS, sort: "30" });
  assert.deepEqual(filters("sort=31"), NO_FILTERS);
  assert.deepEqual(filters("sort=30&tag=t"), { ...NO_FILTERS, tag: "t" });
  assert.deepEqual(combined({ ...NO_FILTERS, q: "a", sort: "7" }), { ...NO_FILTERS, q: "a" });
  assert.ok(isFiltered(filters("sort=7")));
  assert.equal(filterCount(filters("sort=7")), 1);
  assert.ok(!isSameFilter(filters("sort=7"), filters("sort=30")));
});

test("a search finds the deleted links that contain every word and have the creator and the tag", () => {
  const link = { id: "wiki", url: "https://example.com/Docs", title: null, tags: ["team"], creator_user_id: "u1" };
  const match = (more) => isMatch(link, { ...NO_FILTERS, ...more });
  assert.equal(match({}), true);
  assert.equal(match({ q: "/WIKI docs" }), true);
  assert.equal(match({ q: "wiki other" }), false);
  assert.equal(match({ creator: "u1", tag: "team" }), true);
  assert.equal(match({ creator: "u2" }), false);
  assert.equal(match({ tag: "other" }), false);
});
