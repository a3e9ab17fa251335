import { keep, kept } from "./kept.js";
import { urlIn } from "./text.js";

/**
 * Which links a list shows: a search text or URL, a creator's user id, a tag, a state. An empty value means no filter. `sort` is a
 * number of days: the list shows all links, ordered by their clicks in those days. If `sort` is empty, the newest link is first.
 * @typedef {{ q: string, creator: string, tag: string, state: string, sort: string }} Filters
 */

/** @type {Filters} */
export const NO_FILTERS = { q: "", creator: "", tag: "", state: "", sort: "" };

/** The states to filter a list by, with the page's words for each. */
export const STATES = new Map([
  ["on", "On"], ["off", "Off"], ["expiring", "Expires soon"], ["expired", "Expired"], ["members", "Members only"], ["deleted", "Deleted"],
]);

/** The ways to sort a list, each with its name on the page. */
export const ORDERS = new Map([["", "Newest first"], ["7", "Most clicked, 7 days"], ["30", "Most clicked, 30 days"]]);

/** The maximum length of a search text in the API. */
const MAX_QUERY = 100;

/**
 * The filters in the query of the address.
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
 * Removes the sort order if any filter is set, because the API cannot rank filtered links. Filtered links are
 * always newest first.
 * @param {Filters} filters
 * @returns {Filters}
 */
export function combined(filters) {
  return isFiltered({ ...filters, sort: "" }) ? { ...filters, sort: "" } : filters;
}

/**
 * A message: the filters were cleared because an order was chosen, or the order was cleared because a filter was set.
 * Empty if nothing was cleared.
 * @param {Filters} before
 * @param {Filters} after
 */
export function changedOrder(before, after) {
  const hasFilters = (/** @type {Filters} */ filters) => isFiltered({ ...filters, sort: "" });
  if (after.sort && hasFilters(before)) return "“Most clicked” ranks all links, so search and filters were cleared.";
  return before.sort && hasFilters(after) ? "Newest first again: “Most clicked” works only without search and filters." : "";
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
 * How many filters are set, not counting the search text. Sorting by clicks is treated as a filter, because
 * the sorted list leaves out links without clicks.
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
 * The exact destination that links must have, or null if the search text may occur anywhere. Only a complete URL must
 * match exactly: a user who types `example.com` may want every link to a page of that host.
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
 * Whether a deleted link matches the filters. The API does not search in deleted links.
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
 * Stores the filters of an organization's list in this browser, except the search text.
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
