/**
 * A place in the console, as the fragment of the address describes it.
 * @typedef {object} Route
 * @property {"links" | "link" | "overview" | "history" | "settings" | "new" | "signed-in" | "start"} screen
 * @property {string} org The organization's id; empty for `new`, `start` and `signed-in`, which use the current one.
 * @property {string} slug The link's short name, or the short name that `new` suggests.
 * @property {URLSearchParams} query
 */

/**
 * Parses a fragment such as `#/{org_id}/link/launch?range=30d`. An unknown fragment leads to the screen `start`.
 * @param {string} hash The fragment with its `#`, or empty.
 * @returns {Route}
 */
export function routeOf(hash) {
  const [path = "", search = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const route = (/** @type {Route["screen"]} */ screen, org = "", slug = "") => ({ screen, org, slug, query });
  if (path === "new") return route("new");
  // The page for a missing link leads here with a short name, but without a destination.
  if (path.startsWith("new=")) return { screen: "new", org: "", slug: decoded(path.slice(4)), query: new URLSearchParams() };
  if (path === "signed-in") return route("signed-in");
  const [empty, org = "", place = "", slug = "", ...more] = path.split("/").map(decoded);
  if (empty !== "" || org === "" || more.length > 0) return route("start");
  if ((place === "overview" || place === "history" || place === "settings") && slug === "") return route(place, org);
  // Refuses paths that would lead a request elsewhere, such as "..".
  if (slug && !/^[a-z0-9][a-z0-9_-]*$/i.test(slug)) return route("links", org);
  if (place === "link" || place === "") return slug ? route("link", org, slug) : route("links", org);
  return route("start");
}

/** The fragment of the list of links, with these filters. */
export const linksHash = hashOf("link");
/** The fragment of an organization's overview. */
export const overviewHash = hashOf("overview");
/** The fragment of an organization's history. */
export const historyHash = hashOf("history");
/** The fragment of an organization's settings. */
export const settingsHash = hashOf("settings");

/**
 * The address of an organization's page for importing and exporting. That page is separate, so that the console stays small.
 * @param {string} org
 */
export function importPage(org) {
  return `/-/import#/${encodeURIComponent(org)}`;
}

/**
 * Returns the URL fragment that opens a link's page.
 * @param {string} org
 * @param {string} slug
 * @param {Record<string, string>} [query]
 */
export function linkHash(org, slug, query = {}) {
  return `#/${encodeURIComponent(org)}/link/${encodeURIComponent(slug)}${searchOf(query)}`;
}

/**
 * @param {string} place
 * @returns {(org: string, query?: Record<string, string>) => string}
 */
function hashOf(place) {
  return (org, query = {}) => `#/${encodeURIComponent(org)}/${place}${searchOf(query)}`;
}

/** @param {Record<string, string>} query */
function searchOf(query) {
  const set = Object.entries(query).filter(([, value]) => value !== "");
  return set.length > 0 ? `?${new URLSearchParams(set)}` : "";
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
