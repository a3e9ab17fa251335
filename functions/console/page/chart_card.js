import { noteOf } from "./axes.js";
import { chartOf } from "./chart.js";
import { tableToggle } from "./chart_table.js";
import { h } from "./dom.js";
import { keep, kept } from "./kept.js";
import { failure } from "./parts.js";
import { rangeOf, sumOf } from "./series.js";
import { count } from "./text.js";

/**
 * @typedef {import("./series.js").Range} Range
 * @typedef {import("./series.js").Period} Period
 * @typedef {import("./series.js").Bar} Bar
 *
 * The content of a card.
 * @typedef {object} Shown
 * @property {Period} period
 * @property {Bar[]} bars
 * @property {string} [when] The words for the period, if the range's own words do not fit.
 * @property {string} compared The change in people's clicks from the previous period, or empty.
 * @property {string} [inAll] Text about all clicks, not only those in the period.
 * @property {string} empty The text to show if there are no clicks.
 * @property {string} [note] A sentence to show after the sentence about the time zone.
 */

/** The name under which this browser stores whether charts show bots. */
const BOTS = "signpost.bots";

/**
 * A card with a chart of people's clicks, to which the reader can add bots' clicks. It shows the number of clicks, the
 * choice of a range, the bars, and the same numbers as a table.
 * @param {Range[]} ranges The ranges to choose from.
 * @param {Range} first
 * @param {(range: Range) => void} choose
 * @param {AbortSignal} signal
 */
export function chartCard(ranges, first, choose, signal) {
  let withBots = kept(BOTS) !== null;
  let redraw = () => {};
  const title = h("h2", { class: "for-screen-readers", tabindex: "-1" }, "Clicks");
  const headline = h("p", { class: "headline" });
  const more = h("p", { class: "in-all quiet" });
  const bots = h("button", { class: "button", type: "button", "aria-pressed": String(withBots), hidden: true, onclick: () => {
    withBots = !withBots;
    bots.setAttribute("aria-pressed", String(withBots));
    keep(BOTS, withBots ? "1" : null);
    redraw();
  } });
  const control = rangeControl(ranges, first, choose);
  const place = h("div", { class: "chart-place" });
  const element = h("section", { class: "card chart-card" }, title, h("div", { class: "chart-head" }, headline, more, bots, control.element), place);

  /** Shows this content instead of the chart. If the focus was in the chart, moves it to the title. */
  const put = (/** @type {HTMLElement[]} */ ...content) => {
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(...content);
    if (hadFocus) title.focus();
  };

  return {
    element,
    title,
    /** Shows the chosen range. */
    showRange: control.show,

    /**
     * Shows the clicks of a period, and returns the text of the headline.
     * @param {Shown} shown
     */
    show({ period, bars, when = `in ${period.range.words}`, compared, inAll = "", empty, note = "" }) {
      const sum = sumOf(bars);
      const ofBots = sumOf(bars, "bots");
      const words = sum === 0 ? " clicks" : sum === 1 ? " click from a person" : " clicks from people";
      const inRange = ` ${when}${compared && `, ${compared}`}`;
      headline.replaceChildren(h("strong", null, count(sum)), words, h("span", { class: "quiet" }, inRange));
      more.textContent = inAll;
      bots.replaceChildren(swatch("bots"), `Bots ${count(ofBots)}`);
      bots.hidden = false;
      const area = h("div", { class: "chart-area" });
      const legend = h("span", { class: "legend" }, swatch("people"), "People", swatch("bots"), "Bots");
      redraw = () => {
        const isEmpty = sum + (withBots ? ofBots : 0) === 0;
        area.replaceChildren(chartOf(period, bars, withBots, signal), isEmpty ? h("p", { class: "chart-empty" }, empty) : "");
        legend.hidden = !withBots;
      };
      redraw();
      const table = tableToggle(bars, period);
      put(area, h("p", { class: "chart-note quiet" }, legend, noteOf(period, bars), note && ` ${note}`, " ", table.button), table.place);
      return `${count(sum)}${words}${inRange}`;
    },

    /**
     * Shows why there are no clicks.
     * @param {unknown} error
     * @param {() => void} retry
     */
    fail(error, retry) {
      headline.replaceChildren();
      more.textContent = "";
      bots.hidden = true;
      put(...failure(error, retry));
    },
  };
}

/** @param {"people" | "bots"} whose */
function swatch(whose) {
  return h("span", { class: `swatch ${whose}` });
}

/**
 * The choice of a range: buttons side by side, or a select if they do not fit.
 * @param {Range[]} ranges
 * @param {Range} first
 * @param {(range: Range) => void} choose
 */
function rangeControl(ranges, first, choose) {
  const buttons = ranges.map((range) =>
    h("button", { type: "button", onclick: () => choose(range) },
      h("span", { "aria-hidden": "true" }, range.short), h("span", { class: "for-screen-readers" }, range.words)));
  const select = h("select", { "aria-label": "Period", onchange: () => choose(rangeOf(select.value, ranges)) },
    ranges.map((range) => h("option", { value: range.key }, range.words)));
  const show = (/** @type {Range} */ range) => {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(ranges[index]?.key === range.key)));
    select.value = range.key;
  };
  show(first);
  return { element: h("div", { class: "ranges" }, h("div", { class: "segments", role: "group", "aria-label": "Period" }, buttons), select), show };
}
