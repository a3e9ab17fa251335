import { breakdownsOf } from "./breakdown.js";
import { organizationName } from "./context.js";
import { h } from "./dom.js";
import { addShortcuts } from "./keys.js";
import { askOverview } from "./overview_api.js";
import { OVERVIEW_RANGES, comparisonOfDays, firstDayOf, periodFrom } from "./overview_days.js";
import { rangePart } from "./range_part.js";
import { MAX_RANKED } from "./ranking.js";
import { linkHash, linksHash, overviewHash } from "./routes.js";
import { barsOf, earlierOf, inAddress, queryOf } from "./series.js";
import { topLinks } from "./top_links.js";

/**
 * @typedef {import("./series.js").Period} Period
 * @typedef {import("./series.js").Bar} Bar
 */

/** The clicks of all links of an organization. @type {import("./main.js").Screen} */
export function showOverview({ org }, { query }, signal) {
  document.title = `Overview · ${organizationName(org)} · Signpost`;
  /** The bars of previous periods, keyed by the period's first day. These periods are over, so each is requested only once. @type {Record<string, Bar[] | null>} */
  const earlier = {};

  const ask = (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => askOverview(org.id, queryOf(period), until);

  const askBefore = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const before = earlierOf(period);
    const { from } = queryOf(before);
    if (earlier[from]) return earlier[from];
    const answer = await ask(before, until);
    return (earlier[from] = answer.from === from ? barsOf(answer.series, before) : null);
  };

  const clicks = rangePart({
    ranges: OVERVIEW_RANGES,
    range: query.get("range"),
    chosen: (range) => history.replaceState(null, "", overviewHash(org.id, inAddress(range))),
    ask: (period, until) => Promise.all([ask(period, until), askBefore(period, until)]),
    chart([{ from, series, complete }, before], asked) {
      const period = periodFrom(asked, from);
      const bars = barsOf(series, period);
      const start = firstDayOf(period);
      return {
        period, bars,
        compared: comparisonOfDays(bars, before),
        when: bars.length < asked.starts.length ? `since ${start}` : undefined,
        empty: "No clicks in this period. New ones appear within seconds.",
        note: complete ? "" : `Too many clicks to add up: shown from ${start}.`,
      };
    },
    below([{ clicks: people, links, top }], { range }) {
      if (people === 0) {
        return [h("div", { class: "card note" },
          h("p", null, "Clicked links appear here."), h("a", { class: "button", href: linksHash(org.id) }, "Go to your links"))];
      }
      // If the reader has expanded the table, the new table shows at least as many rows as before.
      const shown = document.querySelectorAll(".top-links tbody tr").length;
      return [topLinks(links, (slug) => linkHash(org.id, slug, inAddress(range)), shown), breakdownsOf(top, links.length < MAX_RANKED ? "" : ` of the top ${MAX_RANKED} links`)];
    },
  }, signal);

  addShortcuts(clicks.keys, signal);
  return h("section", { class: "overview" }, h("h1", { tabindex: "-1" }, "Overview"), clicks.element);
}
