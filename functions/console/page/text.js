/** The maximum lengths of a short name, a tag and a handle. */
const MAX_SHORT_NAME = 64;
const MAX_TAG = 32;
const MAX_HANDLE = 40;

/**
 * A count with separators, in the format of the reader's language.
 * @param {number} number
 */
export function count(number) {
  return number.toLocaleString();
}

/**
 * A count with its noun.
 * @param {number} number
 * @param {string} noun The noun in the singular. An s is added for the plural.
 */
export function counted(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * A destination as lists show it: without scheme and `www.`, and shortened in the middle, so that its host and its end remain.
 * @param {string} url
 * @param {number} [most] The maximum length.
 */
export function shortened(url, most = 60) {
  const text = url.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");
  if (text.length <= most) return text;
  const hostEnd = text.search(/[/?#]|$/);
  const path = text.replace(/[?#].*$/s, "");
  const lastSlash = path.lastIndexOf("/");
  // Keeps whole path segments if the last one is not empty and is short enough that the host fits too.
  const last = text.slice(Math.max(lastSlash, 0));
  const room = most - last.length - 2;
  if (lastSlash > hostEnd && last.length > 1 && room >= hostEnd) {
    const kept = Math.max(hostEnd, text.slice(0, room + 1).lastIndexOf("/"));
    return `${text.slice(0, kept)}/…${last}`;
  }
  const tail = Math.floor((most - 1) / 3);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`;
}

/**
 * A short name from typed text: spaces become hyphens, letters become lower case without accents, and other characters are dropped.
 * @param {string} text
 */
export function foldedShortName(text) {
  return plainLetters(text).replace(/\s+/g, "-").replace(/[^a-z0-9_-]/g, "").replace(/^[_-]+/, "").slice(0, MAX_SHORT_NAME);
}

/**
 * A tag from typed text.
 * @param {string} text The text, with or without a `#` before it.
 */
export function foldedTag(text) {
  return plainLetters(text).replace(/\s+/g, "-").replace(/[^a-z0-9_-]/g, "").slice(0, MAX_TAG);
}

/**
 * Turns typed text into a handle.
 * @param {string} text The text, with or without an `@` before it.
 */
export function foldedHandle(text) {
  return plainLetters(text).replace(/[\s_]+/g, "-").replace(/[^a-z0-9-]/g, "").replace(/^-+/, "").slice(0, MAX_HANDLE);
}

/**
 * The URL in pasted or typed text, or null if there is none. `example.com/x` gets `https://`, and spaces in a URL are encoded.
 * Punctuation around a URL, as in mails and chats, is removed.
 * @param {string} text
 */
export function urlIn(text) {
  const bare = text.trim().replace(/^[<"'“‘(](.*)[>"'”’)]$/s, "$1");
  const trimmed = /^https?:\/\/[^\r\n]*$/i.test(bare) ? bare.replace(/\s/g, "%20") : bare;
  if (/\s/.test(trimmed) || trimmed.length > 4_000) return null;
  const isBare = /^[\p{L}\p{N}]([\p{L}\p{N}-]*\.)+\p{L}[\p{L}\p{N}-]+(:\d+)?([/?#]|$)/u.test(trimmed);
  const url = /^https?:\/\/[^/?#]/i.test(trimmed) ? trimmed : isBare ? `https://${trimmed}` : "";
  return URL.canParse(url) ? url : null;
}

/**
 * A handle from an organization's name, without its legal form; empty if nothing is left.
 * @param {string} name
 */
export function handleOf(name) {
  const words = plainLetters(name).replace(/['’.]/g, "").split(/[^a-z0-9]+/).filter(Boolean);
  const forms = /^(inc|ltd|llc|llp|plc|gmbh|mbh|ag|kg|ug|se|sa|sas|sarl|srl|spa|bv|nv|oy|ab|as|aps|corp|corporation|co|company|limited|pty|ev)$/;
  while (words.length > 1 && forms.test(words.at(-1) ?? "")) words.pop();
  return words.join("-").slice(0, MAX_HANDLE).replace(/-+$/, "");
}

/**
 * The beginning that an organization's short URLs would have with this handle.
 * @param {string} base The current beginning: a host, and usually the organization's id or a handle.
 * @param {string} handle
 */
export function baseWithHandle(base, handle) {
  return `${new URL(base).origin}/@${handle}`;
}

/**
 * The first free short name to propose instead of a taken one: `wiki-2`, `wiki-3`, …
 * @param {string} name
 * @param {Set<string>} taken
 * @param {number} [most] The maximum length of the name.
 */
export function nextFree(name, taken, most = MAX_SHORT_NAME) {
  const stem = name.replace(/-\d{1,3}$/, "") || name;
  for (let number = 2; ; number++) {
    const end = `-${number}`;
    const proposal = stem.slice(0, most - end.length) + end;
    if (!taken.has(proposal)) return proposal;
  }
}

/**
 * The text in lower case and without accents.
 * @param {string} text
 */
function plainLetters(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/ß/g, "ss").toLowerCase();
}
