import { keep, kept } from "./kept.js";
import { urlIn } from "./text.js";

/**
 * Which links a list shows: text to find or a URL, a creator's user id, a tag, a state. Empty means any. Or an order of all
 * links: `sort` is how many days' clicks count; empty means newest first.
 * @typedef {{ q: string, creator: string, tag: string, state: string, sort: string }} Filters
 */

/** @type {Filters} */
export const NO_FILTERS = { q: "", creator: "", tag: "", state: "", sort: "" };

/** The states by which a list can be filtered, in the words of the page. */
export const STATES = new Map([
  ["on", "On"], ["off", "Off"], ["expiring", "Expires soon"], ["expired", "Expired"], ["members", "Members only"], ["deleted", "Deleted"],
]);

/** The orders of a list, in the words of the page. */
export const ORDERS = new Map([["", "Newest first"], ["7", "Most clicked, 7 days"], ["30", "Most clicked, 30 days"]]);

/** The most characters that the API searches for. */
const MAX_QUERY = 100;

/**
 * The filters that a part of the address names.
 * @param {URLSearchParams} query
 * @returns {Filters}
 */
export function filtersOf(query) {
  const state = query.get("state") ?? "";
  const sort = query.get("sort") ?? "";
  return combined({
    q: query.get("q") ?? "",
    creator: query.get("creator") ?? "",
    tag: query.get("tag") ?? "",
    state: STATES.has(state) ? state : "",
    sort: ORDERS.has(sort) ? sort : "",
  });
}

/**
 * The valid combination of filters and an order: the API ranks all links or none, so filtered links are newest first.
 * @param {Filters} filters
 * @returns {Filters}
 */
export function combined(filters) {
  return isFiltered({ ...filters, sort: "" }) ? { ...filters, sort: "" } : filters;
}

/**
 * What to say of an order or filters that had to go for the other, or an empty text.
 * @param {Filters} before
 * @param {Filters} after
 */
export function changedOrder(before, after) {
  const hasFilters = (/** @type {Filters} */ filters) => isFiltered({ ...filters, sort: "" });
  if (after.sort && hasFilters(before)) return "Most clicked orders all links: search and filters are cleared.";
  return before.sort && hasFilters(after) ? "Newest first again: most clicked orders all links, without search or filters." : "";
}

/**
 * Whether two lists show the same links.
 * @param {Filters} a
 * @param {Filters} b
 */
export function isSameFilter(a, b) {
  return a.q.trim() === b.q.trim() && a.creator === b.creator && a.tag === b.tag && a.state === b.state && a.sort === b.sort;
}

/**
 * How many filters are set, besides the text to find. An order counts as one: it leaves out links without clicks.
 * @param {Filters} filters
 */
export function filterCount({ creator, tag, state, sort }) {
  return [creator, tag, state, sort].filter(Boolean).length;
}

/**
 * Whether any filter is set.
 * @param {Filters} filters
 */
export function isFiltered(filters) {
  return filters.q.trim() !== "" || filterCount(filters) > 0;
}

/**
 * The URL to look for, or null if the text is to be found anywhere. Only a complete URL counts: for
 * `example.com` the reader may want every link that leads there.
 * @param {Filters} filters
 */
export function soughtUrl({ q }) {
  return /^\s*https?:\/\//i.test(q) ? urlIn(q) : null;
}

/**
 * The API's parameters for these links.
 * @param {Filters} filters
 */
export function parametersOf(filters) {
  const { creator, tag, state } = filters;
  const url = soughtUrl(filters);
  const q = url ? "" : filters.q.trim().replace(/^\/+/, "").slice(0, MAX_QUERY);
  return { q, url, creator, tag, state };
}

/**
 * Whether a deleted link is one of these. The API does not search in deleted links.
 * @param {Record<string, any>} link
 * @param {Filters} filters
 */
export function isMatch({ id, url, title, tags, creator_user_id }, { q, creator, tag }) {
  const text = [id, url, title ?? "", ...tags].join(" ").toLowerCase();
  const words = q.trim().toLowerCase().replace(/^\/+/, "").split(/\s+/);
  return (!creator || creator === creator_user_id) && (!tag || tags.includes(tag)) && words.every((word) => text.includes(word));
}

/** @param {string} org */
const placeOf = (org) => `signpost.filters.${org}`;

/**
 * Stores the filters of an organization's list in this browser. A search text is not stored.
 * @param {string} org
 * @param {Filters} filters
 */
export function rememberFilters(org, filters) {
  const lasting = { ...filters, q: "", state: filters.state === "deleted" ? "" : filters.state };
  keep(placeOf(org), isFiltered(lasting) ? new URLSearchParams(lasting).toString() : null);
}

/**
 * The stored filters.
 * @param {string} org
 */
export function rememberedFilters(org) {
  return filtersOf(new URLSearchParams(kept(placeOf(org)) ?? ""));
}
