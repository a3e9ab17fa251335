import { timeOf } from "./axes.js";
import { h } from "./dom.js";
import { count } from "./text.js";

/** The title of the table's first column. */
const UNITS = { hour: "Hour", day: "Day", week: "Week" };

/**
 * The button that shows a chart's numbers as a table with the latest numbers first, and the element that holds the
 * table.
 * @param {import("./series.js").Bar[]} bars
 * @param {import("./series.js").Period} period
 */
export function tableToggle(bars, period) {
  const place = h("div", { id: "chart-table", class: "chart-table", role: "region", "aria-label": "Clicks as a table", tabindex: "0", hidden: true });
  const toggle = () => {
    place.hidden = !place.hidden;
    button.textContent = place.hidden ? "Show as table" : "Hide table";
    button.setAttribute("aria-expanded", String(!place.hidden));
    place.replaceChildren(...(place.hidden ? [] : [tableOfBars(bars, period)]));
  };
  const button = h("button", { class: "text", type: "button", "aria-expanded": "false", "aria-controls": "chart-table", onclick: toggle }, "Show as table");
  return { button, place };
}

/**
 * @param {import("./series.js").Bar[]} bars
 * @param {import("./series.js").Period} period
 */
function tableOfBars(bars, period) {
  return h("table", null,
    h("thead", null, h("tr", null, h("th", { scope: "col" }, UNITS[period.range.unit]), h("th", { scope: "col" }, "People"), h("th", { scope: "col" }, "Bots"))),
    h("tbody", null, bars.toReversed().map((bar) => h("tr", null,
      h("th", { scope: "row" }, timeOf(bar, period), bar.running && h("span", { class: "quiet" }, " so far")), h("td", null, count(bar.clicks)), h("td", null, count(bar.bots))))));
}
