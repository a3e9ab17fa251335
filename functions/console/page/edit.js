/**
 * The fields that people set on a link, in the format of the form and the API.
 * @typedef {{ url: string, id: string, title: string | null, tags: string[], access: "public" | "members", forward: "none" | "query" | "path",
 *   enabled: boolean, expires_at: string | null }} Values
 */

/** The fields in the order of the form, with their names for people. @type {Record<keyof Values, string>} */
export const FIELD_NAMES = {
  url: "Destination", id: "Short name", title: "Title", tags: "Tags", access: "Who can open it", forward: "Forwards", expires_at: "Expires", enabled: "On/off",
};

/** What a link can forward from its short URL. @type {Record<Values["forward"], string>} */
export const FORWARDS = { none: "Nothing", query: "The query", path: "Path and query" };

/**
 * The values of a link's fields.
 * @param {import("api").Link} link
 * @returns {Values}
 */
export function valuesOf({ url, id, title, tags, access, forward, enabled, expires_at }) {
  return { url, id, title: title ?? null, tags, access, forward, enabled, expires_at: expires_at ?? null };
}

/**
 * The fields in which `after` differs from `before`, with the values of `after`: the edit to send.
 * @param {Values} before
 * @param {Values} after
 * @returns {Partial<Values>}
 */
export function changesOf(before, after) {
  const changed = Object.entries(after).filter(([name, value]) => !isSame(/** @type {any} */ (before)[name], value));
  return Object.fromEntries(changed);
}

/**
 * A field's value in words.
 * @param {string} name
 * @param {any} value
 * @param {(date: Date) => string} timeOf
 * @returns {string}
 */
export function valueInWords(name, value, timeOf) {
  switch (name) {
    case "access":
      return value === "members" ? "Members only" : "Anyone";
    case "forward":
      return FORWARDS[/** @type {Values["forward"]} */ (value)];
    case "enabled":
      return value ? "On" : "Off";
    case "expires_at":
      return value ? timeOf(new Date(value)) : "Never";
    default:
      return (Array.isArray(value) ? value.join(", ") : value) || "None";
  }
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function isSame(one, other) {
  const plain = (/** @type {unknown} */ value) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  return plain(one) === plain(other);
}
