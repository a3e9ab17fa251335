// Computes the destinations of forwarding links with the URL Standard's own setters (https://url.spec.whatwg.org/#api).
// Reads lines of JSON, [url, path, query], from standard input, and writes a URL or null for each.
import { createInterface } from "node:readline";

/** Encodes some characters of a path. The standard encodes them, but earlier versions of Node do not. */
const encoded = (path) => path.replaceAll("%", "%25").replaceAll("^", "%5E");

function isUnsafe(path) {
  for (let text = path, before = ""; text !== before;) {
    if (/[\\\p{Cc}]/u.test(text)) return true;
    if (text.split("/").some((segment) => /^\s*\.{1,2}\s*(;|$)/.test(segment))) return true;
    before = text;
    text = text.replace(/(%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());
  }
  return false;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [text, path, query] = JSON.parse(line);
  const url = new URL(text);
  if (path) url.pathname = url.pathname.replace(/\/$/, "") + encoded(path);
  const own = url.search.slice(1);
  const names = new Set(new URLSearchParams(own).keys());
  const more = query.split("&").filter((part) => part && !names.has([...new URLSearchParams(part).keys()][0]));
  // The setter drops one question mark at the beginning.
  if (more.length > 0) url.search = `?${[own, ...more].filter(Boolean).join("&")}`;
  console.log(JSON.stringify(isUnsafe(path) || url.href.length > 2048 ? null : url.href));
}
