/** The most characters of a short name. */
export const MAX_SHORT_NAME = 64;

/**
 * A count with separators, as the reader writes it.
 * @param {number} number
 */
export function count(number) {
  return number.toLocaleString();
}

/**
 * A count with its noun.
 * @param {number} number
 * @param {string} noun In the singular; its plural adds an s.
 */
export function counted(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * A destination as lists show it: without scheme and `www.`, shortened in the middle so that host and end remain.
 * @param {string} url
 * @param {number} [most] How many characters.
 */
export function shortened(url, most = 60) {
  const text = url.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");
  if (text.length <= most) return text;
  const slash = text.indexOf("/");
  const host = slash < 0 ? text : text.slice(0, slash);
  const last = text.slice(text.lastIndexOf("/"));
  const room = most - last.length - 2;
  if (last.length > 1 && room >= host.length) {
    const kept = text.slice(0, room);
    return `${kept.slice(0, Math.max(host.length, kept.lastIndexOf("/")))}/…${last}`;
  }
  return `${text.slice(0, most - 1)}…`;
}

/**
 * A short name as it is typed: blanks become hyphens, capitals fold, and what it cannot hold goes.
 * @param {string} text
 */
export function foldedShortName(text) {
  return text.toLowerCase().replace(/\s+/g, "-").replace(/[^a-z0-9_-]/g, "").replace(/^[_-]+/, "").slice(0, MAX_SHORT_NAME);
}

/**
 * The URL that pasted or typed text is, or null if it is none: `example.com/x` gains `https://`.
 * @param {string} text
 */
export function urlIn(text) {
  const trimmed = text.trim();
  if (/\s/.test(trimmed) || trimmed.length > 4_000) return null;
  const url = /^https?:\/\//i.test(trimmed) ? trimmed : /^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+(:\d+)?([/?#]|$)/u.test(trimmed) ? `https://${trimmed}` : "";
  return URL.canParse(url) ? url : null;
}

/**
 * A handle made of an organization's name, without its legal form; empty if nothing is left.
 * @param {string} name
 */
export function handleOf(name) {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").replace(/ß/g, "ss").toLowerCase();
  const words = plain.replace(/['’.]/g, "").split(/[^a-z0-9]+/).filter(Boolean);
  const forms = /^(inc|ltd|llc|llp|plc|gmbh|ag|kg|ug|se|sa|sas|sarl|srl|spa|bv|nv|oy|ab|as|aps|corp|corporation|co|company|limited|pty|ev)$/;
  while (words.length > 1 && forms.test(words.at(-1) ?? "")) words.pop();
  return words.join("-").slice(0, 40).replace(/-+$/, "");
}

/**
 * The first short name after a taken one that is free: `wiki-2`, `wiki-3`, …
 * @param {string} name
 * @param {Set<string>} taken
 */
export function nextFree(name, taken) {
  const stem = name.replace(/-\d{1,3}$/, "");
  for (let number = 2; ; number++) {
    const end = `-${number}`;
    const proposal = stem.slice(0, MAX_SHORT_NAME - end.length) + end;
    if (!taken.has(proposal)) return proposal;
  }
}
