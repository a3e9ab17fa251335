import assert from "node:assert/strict";
import test from "node:test";
import { bookmarkletOf, commandOf, searchUrlOf } from "../page/recipes.js";

test("the address for a browser's site search opens the short name that replaces %s", () => {
  assert.equal(searchUrlOf("https://go.example.com/@acme").replace("%s", "launch"), "https://go.example.com/@acme/launch");
});

test("the bookmark opens the form for a new link with the page's address and title, whatever characters they contain", () => {
  const opened = [];
  const run = new Function("open", "location", "document", bookmarkletOf("https://go.example.com").replace(/^javascript:/, ""));
  run((url) => opened.push(url), { href: "https://example.com/a?b=c&d#e" }, { title: "Q&A: 100 %" });
  const query = new URLSearchParams(new URL(opened[0]).hash.replace("#new?", ""));
  assert.deepEqual([query.get("url"), query.get("title")], ["https://example.com/a?b=c&d#e", "Q&A: 100 %"]);
});

test("each line of the command except the last ends with a backslash, and the body is JSON", () => {
  const lines = commandOf("https://go.example.com", "acme:1").split("\n");
  assert.ok(lines.slice(0, -1).every((line) => line.endsWith(" \\")));
  assert.match(lines[0], /"https:\/\/go\.example\.com\/acme%3A1\/link"/);
  assert.equal(JSON.parse(lines.at(-1).match(/'(.*)'/)[1]).url, "https://example.com/");
});
