/**
 * The fields that a user can set in a link, in the format of the form and the API.
 * @typedef {{ url: string, title: string | null, tags: string[], access: "public" | "members", enabled: boolean,
 *   expires_at: string | null }} Values
 */

/** The fields in the order of the form, with their names for people. @type {Record<keyof Values, string>} */
export const FIELD_NAMES = {
  url: "Destination", title: "Title", tags: "Tags", access: "Who can open it", expires_at: "Expires", enabled: "On",
};

/**
 * The values of a link's fields.
 * @param {import("api").Link} link
 * @returns {Values}
 */
export function valuesOf({ url, title, tags, access, enabled, expires_at }) {
  return { url, title: title ?? null, tags, access, enabled, expires_at: expires_at ?? null };
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
 * @param {keyof Values} name
 * @param {Values} values
 * @param {(date: Date) => string} timeOf
 */
export function valueInWords(name, values, timeOf) {
  switch (name) {
    case "access":
      return values.access === "members" ? "Members only" : "Anyone";
    case "enabled":
      return values.enabled ? "On" : "Off";
    case "expires_at":
      return values.expires_at ? timeOf(new Date(values.expires_at)) : "Never";
    case "tags":
      return values.tags.join(", ") || "None";
    default:
      return values[name] || "None";
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
