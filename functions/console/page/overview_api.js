import { callApi } from "./api.js";

/**
 * Requests the clicks of all links of an organization.
 * @param {string} org
 * @param {Record<string, string>} query The query parameters for the range of days.
 * @param {AbortSignal} signal
 * @returns {Promise<import("api").Overview>}
 */
export async function askOverview(org, query, signal) {
  return (await callApi("GET", `/${encodeURIComponent(org)}/-/clicks`, { query, signal })).body;
}
