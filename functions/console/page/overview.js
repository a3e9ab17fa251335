import { callApi } from "./api.js";
import { breakdownsOf } from "./breakdown.js";
import { organizationName } from "./context.js";
import { h } from "./dom.js";
import { addShortcuts } from "./keys.js";
import { OVERVIEW_RANGES, comparisonOfDays, dayWords, periodFrom } from "./overview_days.js";
import { rangePart } from "./range_part.js";
import { linkHash, linksHash, overviewHash } from "./routes.js";
import { DEFAULT_RANGE, barsOf, earlierOf, queryOf, rangeOf } from "./series.js";
import { MAX_TOP, topLinks } from "./top_links.js";

/**
 * @typedef {import("./series.js").Period} Period
 * @typedef {import("./series.js").Bar} Bar
 * @typedef {import("api").Overview} Overview
 */

/** The clicks of all links of an organization. @type {import("./main.js").Screen} */
export function showOverview({ org }, { query }, signal) {
  document.title = `Overview · ${organizationName(org)} · Signpost`;
  let range = rangeOf(query.get("range"), OVERVIEW_RANGES);
  /** What addresses say of the range. */
  const parameters = () => ({ range: range.key === DEFAULT_RANGE ? "" : range.key });
  /** What is known of periods before this one: their days are over. @type {Map<string, Bar[] | null>} */
  const earlier = new Map();

  const ask = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const { from, to } = queryOf(period);
    const { body } = await callApi("GET", `/${encodeURIComponent(org.id)}/-/clicks`, { query: { from, to }, signal: until });
    return /** @type {Overview} */ (body);
  };

  const askBefore = async (/** @type {Period} */ period, /** @type {AbortSignal} */ until) => {
    const before = earlierOf(period);
    const { from } = queryOf(before);
    if (!earlier.has(from)) {
      const answer = await ask(before, until);
      earlier.set(from, answer.from === from ? barsOf(answer.series, before) : null);
    }
    return earlier.get(from) ?? null;
  };

  const clicks = rangePart({
    ranges: OVERVIEW_RANGES,
    range: range.key,
    chosen(wanted) {
      range = wanted;
      history.replaceState(null, "", overviewHash(org.id, parameters()));
    },
    ask: (period, until) => Promise.all([ask(period, until), askBefore(period, until)]),
    chart([{ from, series, complete }, before], asked) {
      // The reader's clock is far from right.
      if (from === null) throw new Error("No clicks of these days are kept. Check your clock.");
      const isCut = from > queryOf(asked).from;
      const period = isCut ? periodFrom(asked, from) : asked;
      const bars = barsOf(series, period);
      return {
        period, bars,
        compared: isCut ? "" : comparisonOfDays(bars, before),
        when: isCut ? `since ${dayWords(from)}` : undefined,
        empty: "No clicks in this period. New ones appear within seconds.",
        note: complete ? "" : `Too many clicks to add up: shown from ${dayWords(from)}.`,
      };
    },
    below([{ clicks: people, links, top }]) {
      if (people === 0) {
        return [h("div", { class: "card note" },
          h("p", null, "Links that people click appear here."), h("a", { class: "button", href: linksHash(org.id) }, "Go to your links"))];
      }
      // A table that was opened stays open.
      const shown = document.querySelectorAll(".top-links tbody tr").length;
      return [topLinks(links, (slug) => linkHash(org.id, slug, parameters()), shown), breakdownsOf(top, links.length < MAX_TOP ? "" : ` of the top ${MAX_TOP} links`)];
    },
  }, signal);

  addShortcuts({
    "[": { group: "Move", words: "Shorter period", run: () => clicks.step(-1) },
    "]": { group: "Move", words: "Longer period", run: () => clicks.step(1) },
  }, signal);
  return h("section", { class: "overview" }, h("h1", { tabindex: "-1" }, "Overview"), clicks.element);
}
