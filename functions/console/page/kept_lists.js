import { listen } from "./bus.js";
import { LinkList } from "./link_list.js";
import { creatorOf } from "./people.js";
import { linkRows } from "./rows.js";

/**
 * A list in its current state, so that the reader can return to it at once.
 * @typedef {object} KeptList
 * @property {import("./filters.js").Filters} filters
 * @property {LinkList} model
 * @property {import("./ranking.js").Ranking | null} ranking The list's ranking; null unless the list is ordered by
 *   clicks.
 * @property {import("./rows.js").Rows} rows
 * @property {number} scroll How far the page was scrolled down.
 * @property {boolean} isOutdated Whether the list must be loaded again.
 */

/** The most recent list of each organization. @type {Map<string, KeptList>} */
const keptLists = new Map();

/** The creators and tags seen in lists so far, by organization. @type {Map<string, import("./toolbar.js").Seen>} */
const seenInLists = new Map();

/**
 * Returns the organization's list as the reader left it.
 * @param {string} org
 */
export function keptList(org) {
  return keptLists.get(org);
}

/**
 * Makes an empty list and keeps it, instead of the organization's previous list.
 * @param {import("./context.js").Context} context
 * @param {import("./filters.js").Filters} filters
 * @returns {KeptList}
 */
export function newList({ org, session }, filters) {
  const list = { filters, model: new LinkList(), ranking: null, rows: linkRows(session.user_id), scroll: 0, isOutdated: false };
  keptLists.set(org.id, list);
  return list;
}

/**
 * The creators and tags that were seen in lists of the organization.
 * @param {import("./context.js").Context} context
 * @param {import("api").Link[]} [links] More links, whose creators and tags are added.
 */
export function seenIn({ org, session }, links = []) {
  const seen = seenInLists.get(org.id) ?? { creators: new Map([[session.user_id, "You"]]), tags: new Set() };
  seenInLists.set(org.id, seen);
  for (const link of links) {
    if (!seen.creators.has(link.creator_user_id)) seen.creators.set(link.creator_user_id, creatorOf(link, session.user_id));
    for (const tag of link.tags) seen.tags.add(tag);
  }
  return seen;
}

/** Keeps lists up to date while other screens are open. */
function keepLists() {
  const { signal } = new AbortController();
  const model = (/** @type {string} */ org) => keptLists.get(org)?.model;
  listen("link-created", (link) => model(link.org_id)?.created(link, Date.now()), signal);
  listen("link-changed", (link) => model(link.org_id)?.changed(link, Date.now()), signal);
  listen("link-deleted", (link) => model(link.org_id)?.deleted(link, Date.now()), signal);
  listen("handle-changed", () => {
    for (const list of keptLists.values()) list.isOutdated = true;
  }, signal);
}

keepLists();
