import { h } from "./dom.js";
import { count } from "./text.js";

/** The initial number of rows. */
const FIRST_ROWS = 10;

/**
 * Fills a list with its first rows. Returns the button that adds the other rows, or false if there are no others.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} rows
 * @param {number} [first] The initial number of rows, if it is higher than the default.
 */
export function firstRows(list, rows, first = 0) {
  const shown = Math.max(first, FIRST_ROWS);
  list.append(...rows.slice(0, shown));
  const next = rows[shown];
  if (!next) return false;
  const more = h("button", { class: "plain", type: "button", onclick: () => {
    list.append(...rows.slice(shown));
    more.remove();
    next.setAttribute("tabindex", "-1");
    next.focus();
  } }, `Show all ${count(rows.length)}`);
  return more;
}
