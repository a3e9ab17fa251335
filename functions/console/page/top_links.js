import { shareBar } from "./breakdown.js";
import { h } from "./dom.js";
import { firstRows } from "./more_rows.js";
import { MAX_RANKED } from "./ranking.js";
import { count } from "./text.js";

/** @typedef {import("api").ClickedLink} ClickedLink */

/**
 * The links that people clicked most, as a table. Cells about bots have the class `of-bots` and are visible while the chart shows
 * bots. Links that only bots clicked are left out.
 * @param {ClickedLink[]} links At least one link, sorted by clicks of people, most first.
 * @param {(slug: string) => string} hashOf Returns the fragment of a link's page.
 * @param {number} first The minimum number of rows to show initially.
 */
export function topLinks(links, hashOf, first) {
  const most = links[0]?.clicks ?? 0;
  const rows = links.filter(({ clicks }) => clicks > 0).map(({ id, title, clicks, bots }) => h("tr", null,
    h("th", { scope: "row" }, shareBar(clicks, most), id === null
      ? h("span", { class: "quiet" }, "Deleted link")
      : h("p", { class: "name-line" }, h("a", { class: "name", href: hashOf(id) }, `/${id}`), title && h("span", { class: "title" }, title))),
    h("td", null, count(clicks)),
    h("td", { class: "of-bots" }, count(bots))));
  const head = (/** @type {string} */ words, kind = "") => h("th", { scope: "col", class: kind }, words);
  const body = h("tbody");
  const more = firstRows(body, rows, first);
  return h("section", { class: "card top-links" },
    h("h2", null, links.length < MAX_RANKED ? "Top links" : `Top ${MAX_RANKED} links`),
    h("table", null, h("thead", null, h("tr", null, head("Link"), head("Clicks"), head("Bots", "of-bots"))), body),
    more);
}
