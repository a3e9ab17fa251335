import assert from "node:assert/strict";
import test from "node:test";
import { historyHash, linkHash, linksHash, overviewHash, routeOf, settingsHash } from "../page/routes.js";

const acme = "1189c444-8a2d-4c41-8b4b-ae43ce79a492";

/** A route whose query parameters are a plain object, for comparison. */
const read = (hash) => {
  const { query, ...route } = routeOf(hash);
  return { ...route, query: Object.fromEntries(query) };
};

test("the parser of addresses returns the screen that an address was made for", () => {
  assert.deepEqual(read(linksHash(acme)), { screen: "links", org: acme, slug: "", query: {} });
  assert.deepEqual(read(linksHash(acme, { q: "a&b?c#d", state: "" })), { screen: "links", org: acme, slug: "", query: { q: "a&b?c#d" } });
  assert.deepEqual(read(linkHash(acme, "launch", { range: "7d" })), { screen: "link", org: acme, slug: "launch", query: { range: "7d" } });
  assert.deepEqual(read(overviewHash(acme)), { screen: "overview", org: acme, slug: "", query: {} });
  assert.deepEqual(read(overviewHash(acme, { range: "7d" })), { screen: "overview", org: acme, slug: "", query: { range: "7d" } });
  assert.deepEqual(read(historyHash(acme, { change: "delete" })), { screen: "history", org: acme, slug: "", query: { change: "delete" } });
  assert.deepEqual(read(settingsHash(acme)), { screen: "settings", org: acme, slug: "", query: {} });
});

test("an organization's id can contain any character", () => {
  for (const org of ["a/b", "%", "a b?c#d", "<b>", "ä"]) {
    assert.equal(read(linkHash(org, "x")).org, org);
    assert.equal(read(overviewHash(org)).org, org);
    assert.equal(read(settingsHash(org)).org, org);
  }
});

test("the form for a new link gets a URL and a title from the bookmarklet, or a short name from the page of a missing link", () => {
  const url = "https://example.com/?a=1&b=2#c";
  assert.deepEqual(read(`#new?url=${encodeURIComponent(url)}&title=A%20%26%20B`), {
    screen: "new", org: "", slug: "", query: { url, title: "A & B" },
  });
  assert.deepEqual(read("#new=lanuch"), { screen: "new", org: "", slug: "lanuch", query: {} });
});

test("any other address opens the start screen", () => {
  for (const hash of ["", "#", "#/", "#x", "#/acme/nothing", "#/acme/settings/more", "#/acme/overview/more", "#/acme/link/a/b", "#//link"]) {
    assert.equal(read(hash).screen, "start", hash);
  }
});

test("text that cannot be decoded is kept as it is", () => {
  assert.equal(read("#/%E0%A4%A/link").org, "%E0%A4%A");
});
