import assert from "node:assert/strict";
import test from "node:test";
import { counted, foldedShortName, handleOf, nextFree, shortened, urlIn } from "../page/text.js";

test("a noun is plural unless there is one", () => {
  assert.equal(counted(0, "click"), "0 clicks");
  assert.equal(counted(1, "click"), "1 click");
  assert.match(counted(1204, "click"), /^1.?204 clicks$/);
});

test("a destination loses scheme and www, and its middle if it is long", () => {
  assert.equal(shortened("https://www.example.com/"), "example.com");
  for (const most of [20, 30, 40, 60]) {
    const text = shortened("https://example.com/products/2027/spring/edition/of/the/year/launch?with=a&long=query#and-more", most);
    assert.ok(text.length <= most, text);
    assert.ok(text.startsWith("example.com"), text);
    assert.ok(text.includes("…"), text);
  }
});

test("a short name is folded as it is typed", () => {
  for (const [typed, folded] of [
    ["Spring Launch", "spring-launch"], ["Größe", "gre"], ["-_a", "a"], ["a/b?c", "abc"], ["ÀB", "b"], ["x".repeat(70), "x".repeat(64)], [" ", ""],
  ]) {
    assert.equal(foldedShortName(typed), folded, typed);
  }
});

test("what people paste is a URL if it has a scheme or a host with a dot", () => {
  for (const [text, url] of [
    ["https://example.com/x", "https://example.com/x"],
    [" HTTP://EXAMPLE.com \n", "HTTP://EXAMPLE.com"],
    ["example.com/x", "https://example.com/x"],
    ["example.com:8080?a", "https://example.com:8080?a"],
    ["münchen.example/ä", "https://münchen.example/ä"],
  ]) {
    assert.equal(urlIn(text), url, text);
  }
  for (const text of ["", "wiki", "two words.com", "javascript:alert(1)", "mailto:a@example.com", "ftp://example.com", "https://", ".com", "a@b.com"]) {
    assert.equal(urlIn(text), null, text);
  }
});

test("a handle is proposed from an organization's name without its legal form", () => {
  for (const [name, handle] of [
    ["Acme Inc", "acme"], ["Acme, Inc.", "acme"], ["Müller & Söhne GmbH", "muller-sohne"], ["Inc", "inc"], ["O'Reilly Media", "oreilly-media"],
    ["Groß AG", "gross"], ["株式会社", ""], ["A".repeat(50), "a".repeat(40)],
  ]) {
    assert.equal(handleOf(name), handle, name);
  }
});

test("the next free short name counts on", () => {
  assert.equal(nextFree("wiki", new Set(["wiki"])), "wiki-2");
  assert.equal(nextFree("wiki", new Set(["wiki", "wiki-2", "wiki-3"])), "wiki-4");
  assert.equal(nextFree("wiki-2", new Set(["wiki-2"])), "wiki-3");
  const long = nextFree("x".repeat(64), new Set());
  assert.equal(long, `${"x".repeat(62)}-2`);
});
