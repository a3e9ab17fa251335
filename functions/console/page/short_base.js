import { callApi, linkPath } from "./api.js";

/** The beginning of each organization's short URLs, taken from its last loaded list. @type {Map<string, string>} */
const shortBases = new Map();

/**
 * Stores the beginning of an organization's short URLs.
 * @param {string} org
 * @param {string} base The beginning, without a slash at its end.
 */
export function noteShortBase(org, base) {
  shortBases.set(org, base);
}

/** Clears the stored beginnings of all short URLs. To be called when an organization's handle has changed. */
export function forgetShortBases() {
  shortBases.clear();
}

/**
 * Returns the beginning of an organization's short URLs, such as `https://go.example.com/@acme`.
 * Requests the beginning from the API unless it is already stored here.
 * @param {string} org
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>}
 */
export async function shortBaseOf(org, signal) {
  const known = shortBases.get(org);
  if (known !== undefined) return known;
  const { body } = await callApi("GET", linkPath(org), { query: { limit: 1 }, signal });
  noteShortBase(org, body.short_base);
  return body.short_base;
}
