import { callApi, linkPath } from "./api.js";
import { askOverview } from "./overview_api.js";
import { rankedPage, rankingIn, rankingQuery } from "./ranking.js";

/**
 * Requests the ranking of the links that people click most.
 * @param {string} org
 * @param {number} days The number of days in UTC, including today.
 * @param {AbortSignal} signal
 */
export async function askRanking(org, days, signal) {
  return rankingIn(await askOverview(org, rankingQuery(days, Date.now()), signal));
}

/**
 * Requests the next links of a ranking. Returns them in the same shape as one page of a list.
 * Leaves out links that cannot be read.
 * @param {string} org
 * @param {import("./ranking.js").Ranking} ranking
 * @param {string | null} cursor
 * @param {AbortSignal} signal
 */
export function askRanked(org, ranking, cursor, signal) {
  return rankedPage(ranking, cursor, (id) => callApi("GET", linkPath(org, id), { signal }).then(({ body }) => body, () => null));
}
