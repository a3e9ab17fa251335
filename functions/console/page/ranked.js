import { callApi, linkPath } from "./api.js";
import { askOverview } from "./overview_api.js";
import { rankedPage, rankingIn, rankingQuery } from "./ranking.js";

/**
 * Asks for the links that people clicked most.
 * @param {string} org
 * @param {number} days Today and the days before it; days are UTC.
 * @param {AbortSignal} signal
 */
export async function askRanking(org, days, signal) {
  return rankingIn(await askOverview(org, rankingQuery(days, Date.now()), signal));
}

/**
 * Asks for the next links of a ranking, as a page of a list. A link that cannot be read is left out.
 * @param {string} org
 * @param {import("./ranking.js").Ranking} ranking
 * @param {string | null} cursor
 * @param {AbortSignal} signal
 */
export function askRanked(org, ranking, cursor, signal) {
  return rankedPage(ranking, cursor, (id) => callApi("GET", linkPath(org, id), { signal }).then(({ body }) => body, () => null));
}
