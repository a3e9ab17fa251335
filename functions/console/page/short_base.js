import { callApi, linkPath } from "./api.js";

/** What the short URLs of each organization begin with, as a list answered it last. @type {Map<string, string>} */
const shortBases = new Map();

/**
 * Notes what the short URLs of an organization begin with.
 * @param {string} org
 * @param {string} base Without a slash at its end.
 */
export function noteShortBase(org, base) {
  shortBases.set(org, base);
}

/** Forgets it, because the organization's handle changed. */
export function forgetShortBases() {
  shortBases.clear();
}

/**
 * What the short URLs of an organization begin with, such as `https://go.example.com/@acme`; asked for if no list has said.
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
