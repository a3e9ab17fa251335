import { dayAt, inZone } from "./series.js";
import { counted } from "./text.js";
import { DAY } from "./time.js";

/**
 * The links that people clicked most in a number of days, most clicked first.
 * @typedef {object} Ranking
 * @property {import("api").ClickedLink[]} links
 * @property {string | null} from The first day whose clicks are counted, in UTC. Null only if there are no links.
 * @property {boolean} isCut Whether links outside the ranking may also have clicks.
 */

/** The maximum number of links in the API's ranking. */
export const MAX_RANKED = 100;
/** How many links are requested at the same time, with one request each. */
const TOGETHER = 10;

/**
 * The API's parameters.
 * @param {number} days The number of days, including today.
 * @param {number} now
 */
export function rankingQuery(days, now) {
  return { from: dayAt(now - (days - 1) * DAY, "UTC"), to: dayAt(now, "UTC") };
}

/**
 * The ranking in a response, without deleted links and without links that only bots clicked.
 * @param {import("api").Overview} answer
 * @returns {Ranking}
 */
export function rankingIn({ links, from }) {
  return { links: links.filter(({ id, clicks }) => id !== null && clicks > 0), from, isCut: links.length >= MAX_RANKED };
}

/**
 * Returns the next links of a ranking, in the same shape as one page of a list.
 * @param {Ranking} ranking
 * @param {string | null} cursor Null for the first links of the ranking.
 * @param {(id: string) => Promise<import("api").Link | null>} read Returns the link with this short name, or null if there is none.
 * @returns {Promise<import("./link_list.js").Page>}
 */
export async function rankedPage({ links }, cursor, read) {
  const start = Number(cursor);
  const end = start + TOGETHER;
  const data = await Promise.all(links.slice(start, end).map(async ({ id, birth, clicks }) => {
    const link = await read(id ?? "");
    // The ranked link may have been deleted, and another link may have its short name now.
    return link?.birth === birth ? [{ ...link, recent: clicks }] : [];
  }));
  return { data: data.flat(), next_cursor: end < links.length ? String(end) : null, short_base: "" };
}

/**
 * The text below a list of ranked links: "Top 100 by people's clicks since 28 Oct (UTC), 50 shown".
 * @param {Ranking} ranking
 * @param {number} shown How many of the ranked links are shown.
 * @param {boolean} hasMore
 */
export function rankingWords({ links, from, isCut }, shown, hasMore) {
  const which = isCut ? `Top ${links.length}` : `${counted(links.length, "link")}, sorted`;
  const day = inZone(Date.parse(from ?? "1970"), "UTC", { day: "numeric", month: "short" });
  return `${which} by people's clicks since ${day} (UTC)${hasMore ? `, ${shown} shown` : ""}`;
}
