/**
 * A link, with its recent clicks if the list is ordered by clicks.
 * @typedef {import("api").Link & { recent?: number }} Link
 * @typedef {Omit<import("api").Page, "data"> & { data: Link[] }} Page
 */

/** How long a list can lack a recent change, in milliseconds. Lists are read from an index, which lags behind. */
const INDEX_LAG = 15_000;

/** The loaded part of a list of links. Links are identified by birth, because a short name can be reused. */
export class LinkList {
  constructor() {
    /** @type {Link[]} */
    this.links = [];
    /** Where the next page begins; null if nothing is left. @type {string | null} */
    this.cursor = null;
    /** Whether a response has arrived. */
    this.isLoaded = false;
    /** @type {Set<string>} */
    this.births = new Set();
    /** The changes that this page made recently, keyed by the link's birth. For a deleted link, `link` is null and `clicks` is the last known number of clicks. @type {Map<string, { link: Link | null, at: number, clicks?: number | null }>} */
    this.changes = new Map();
  }

  /**
   * Adds the next page.
   * @param {Page} page
   * @param {number} now The current time, in milliseconds.
   * @returns {Link[]} The added links.
   */
  append(page, now) {
    const added = this.#current(page.data, now).filter(({ birth }) => !this.births.has(birth));
    for (const link of added) {
      this.births.add(link.birth);
      this.links.push(link);
    }
    this.cursor = page.next_cursor;
    this.isLoaded = true;
    return added;
  }

  /**
   * Replaces the first page, and keeps the later pages.
   * @param {Page} page
   * @param {number} now The current time, in milliseconds.
   */
  refresh(page, now) {
    const fresh = this.#current(page.data, now);
    const births = new Set(fresh.map(({ birth }) => birth));
    const made = this.#recent(now).filter((link) => !births.has(link.birth) && this.births.has(link.birth));
    const last = page.data.at(-1);
    const keepsRest = page.next_cursor !== null && last !== undefined && this.links.length > page.data.length;
    const shown = new Set([...births, ...made.map(({ birth }) => birth)]);
    const rest = keepsRest ? this.links.filter((link) => !shown.has(link.birth) && link.created_at <= last.created_at) : [];
    if (!keepsRest) this.cursor = page.next_cursor;
    this.links = [...made, ...fresh, ...rest];
    this.births = new Set(this.links.map(({ birth }) => birth));
    this.isLoaded = true;
  }

  /**
   * @param {Link} link
   * @param {number} now The current time, in milliseconds.
   */
  created(link, now) {
    const { clicks } = this.changes.get(link.birth) ?? {};
    this.changes.set(link.birth, { link, at: now });
    if (this.births.has(link.birth)) return;
    this.births.add(link.birth);
    // The list is in the order of creation times, so a link that was brought back is inserted at its old place.
    const at = this.links.findIndex(({ created_at }) => created_at <= link.created_at);
    this.links.splice(at < 0 ? this.links.length : at, 0, { ...link, clicks: link.clicks ?? clicks ?? 0 });
  }

  /**
   * Replaces a link with its new state. If the new state does not include the number of clicks, keeps the old number.
   * @param {Link} link
   * @param {number} now The current time, in milliseconds.
   */
  changed(link, now) {
    const at = this.links.findIndex(({ birth }) => birth === link.birth);
    const old = this.links[at];
    const merged = { ...old, ...link, clicks: link.clicks ?? old?.clicks };
    this.changes.set(link.birth, { link: merged, at: now });
    if (old) this.links[at] = merged;
  }

  /**
   * @param {Link} link
   * @param {number} now The current time, in milliseconds.
   */
  deleted(link, now) {
    const old = this.links.find(({ birth }) => birth === link.birth);
    this.changes.set(link.birth, { link: null, at: now, clicks: old?.clicks });
    if (this.births.delete(link.birth)) this.links = this.links.filter(({ birth }) => birth !== link.birth);
  }

  /**
   * The links of a response, updated with this page's own recent changes, which the index may lack.
   * @param {Link[]} links
   * @param {number} now
   */
  #current(links, now) {
    for (const [birth, { at }] of this.changes) if (now - at > INDEX_LAG) this.changes.delete(birth);
    return links.flatMap((link) => {
      const change = this.changes.get(link.birth);
      if (!change) return [link];
      if (!change.link) return [];
      return [change.link.version > link.version ? { ...change.link, clicks: link.clicks } : link];
    });
  }

  /**
   * Links that this page created recently, which the index may lack.
   * @param {number} now
   */
  #recent(now) {
    const recent = [...this.changes.values()].flatMap(({ link, at }) => (link && link.version === 1 && now - at <= INDEX_LAG ? [link] : []));
    return recent.map((link) => ({ ...link, clicks: link.clicks ?? 0 })).reverse();
  }
}
