import assert from "node:assert/strict";
import test from "node:test";
import { baseWithHandle, counted, foldedHandle, foldedShortName, foldedTag, handleOf, nextFree, shortened, urlIn } from "../page/text.js";

test("a noun is plural unless the count is one", () => {
  assert.equal(counted(0, "click"), "0 clicks");
  assert.equal(counted(1, "click"), "1 click");
  assert.match(counted(1204, "click"), /^1.?204 clicks$/);
});

test("a destination is shown without its scheme and www, and a long one without its middle", () => {
  assert.equal(shortened("https://www.example.com/"), "example.com");
  for (const most of [20, 30, 40, 60]) {
    const text = shortened("https://example.com/products/2027/spring/edition/of/the/year/launch?with=a&long=query#and-more", most);
    assert.ok(text.length <= most, text);
    assert.ok(text.startsWith("example.com"), text);
    assert.ok(text.includes("…"), text);
  }
});

test("a shortened destination keeps whole path segments if the last one fits, and otherwise both ends", () => {
  assert.equal(shortened("https://www.example.com/a/very/long/page", 20), "example.com/a/…/page");
  assert.equal(shortened("https://example.com/products/2027/spring/launch", 32), "example.com/products/…/launch");
  assert.equal(shortened("https://example.com/?next=https://other.example.com/a/b/c/d", 24), "example.com/?nex…a/b/c/d");
  assert.equal(shortened(`https://${"x".repeat(50)}.example.com/page`, 30).length, 30);
});

test("characters that a tag or a handle cannot have are replaced or dropped as they are typed", () => {
  assert.equal(foldedTag("#Big Q3!"), "big-q3");
  assert.equal(foldedTag("x".repeat(40)), "x".repeat(32));
  assert.equal(foldedHandle("@Acme_Inc -"), "acme-inc--");
  assert.equal(foldedHandle("--é"), "e");
  assert.equal(foldedHandle("x".repeat(50)), "x".repeat(40));
});

test("a handle comes right after the host, and replaces an id or another handle", () => {
  for (const base of ["https://go.example.com/1189c444-8a2d-4c41-8b4b-ae43ce79a492", "https://go.example.com/@old", "https://go.example.com"]) {
    assert.equal(baseWithHandle(base, "acme"), "https://go.example.com/@acme");
  }
});

test("characters that a short name cannot have are replaced or dropped as they are typed", () => {
  for (const [typed, folded] of [
    ["Spring Launch", "spring-launch"], ["Größe", "grosse"], ["-_a", "a"], ["a/b?c", "abc"], ["ÀB", "ab"], ["日本", ""], ["x".repeat(70), "x".repeat(64)], [" ", ""],
  ]) {
    assert.equal(foldedShortName(typed), folded, typed);
  }
});

test("pasted text is a URL if it begins with a scheme (http or https) and a host, or with a domain name", () => {
  for (const [text, url] of [
    ["https://example.com/x", "https://example.com/x"],
    [" HTTP://EXAMPLE.com \n", "HTTP://EXAMPLE.com"],
    ["example.com/x", "https://example.com/x"],
    ["example.com:8080?a", "https://example.com:8080?a"],
    ["münchen.example/ä", "https://münchen.example/ä"],
    ["<https://example.com/x>", "https://example.com/x"],
    ["“https://example.com/x”", "https://example.com/x"],
    ["https://example.com/any where?x=1", "https://example.com/any%20where?x=1"],
  ]) {
    assert.equal(urlIn(text), url, text);
  }
  for (const text of ["", "wiki", "two words.com", "javascript:alert(1)", "mailto:a@example.com", "ftp://example.com", "https://", ".com", "a@b.com", "1.2", "v1.2.3", "3.14", "https:///x"]) {
    assert.equal(urlIn(text), null, text);
  }
});

test("the proposed handle is the organization's name without its legal form", () => {
  for (const [name, handle] of [
    ["Acme Inc", "acme"], ["Acme, Inc.", "acme"], ["Müller & Söhne GmbH", "muller-sohne"], ["Inc", "inc"], ["O'Reilly Media", "oreilly-media"],
    ["Groß AG", "gross"], ["株式会社", ""], ["A".repeat(50), "a".repeat(40)],
  ]) {
    assert.equal(handleOf(name), handle, name);
  }
});

test("the next free short name has the lowest free number from 2 on", () => {
  assert.equal(nextFree("wiki", new Set(["wiki"])), "wiki-2");
  assert.equal(nextFree("wiki", new Set(["wiki", "wiki-2", "wiki-3"])), "wiki-4");
  assert.equal(nextFree("wiki-2", new Set(["wiki-2"])), "wiki-3");
  const long = nextFree("x".repeat(64), new Set());
  assert.equal(long, `${"x".repeat(62)}-2`);
  assert.equal(nextFree("acme", new Set(["acme"]), 5), "acm-2");
  assert.equal(nextFree("-2", new Set()), "-2-2");
});
