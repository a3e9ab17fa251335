import { announce, h } from "./dom.js";
import { alreadyShort, emptyList, failedList } from "./empty.js";
import { isFiltered, soughtUrl } from "./filters.js";
import { seenIn } from "./kept_lists.js";
import { rankingWords } from "./ranking.js";
import { loadingScreen } from "./start.js";
import { counted } from "./text.js";

/** The number of links per page. */
export const PAGE = 50;
/** The delay before the list shows that it is loading, in milliseconds. */
const LOADING_DELAY = 150;

/**
 * Everything around the rows of the list's screen.
 * @param {import("./context.js").Context} context
 * @param {import("./toolbar.js").Toolbar} toolbar
 * @param {import("./rows.js").Rows} rows
 * @param {HTMLElement} results Results of changing several links.
 * @param {{ more: () => void, clear: () => void }} on
 */
export function listView(context, toolbar, rows, results, on) {
  /** The state that `instead` shows. The same state is not shown again, because the reader may be typing there. */
  let insteadOf = "";
  const all = h("input", { type: "checkbox", class: "pick", "aria-label": "Select all links shown",
    onchange: () => rows.selectOnly(all.checked ? rows.shown.keys() : []) });
  const heading = (/** @type {string} */ kind, /** @type {string} */ words) => h("span", { class: kind, "aria-hidden": "true" }, words);
  const clicks = heading("clicks", "");
  const card = h("div", { class: "card links", hidden: true },
    h("div", { class: "headings" }, all, heading("what", "Link"), heading("by", "Created by"), heading("age", "Created"), clicks),
    rows.list);
  const above = h("div");
  const instead = h("div");
  const foot = h("div", { class: "foot quiet" });
  // The toolbar is hidden until it is known whether there are links: an empty list has its own button.
  toolbar.node.classList.add("unknown");
  const node = h("section", null, h("h1", { tabindex: "-1", class: "for-screen-readers" }, "Links"),
    toolbar.node, results, above, card, instead, foot);

  /**
   * Shows that the list is loading, unless it loads quickly.
   * @param {boolean} hasRows Whether the previous rows stay while the list is loading.
   * @param {AbortSignal} over
   */
  const wait = (hasRows, over) => {
    node.ariaBusy = "true";
    const timer = setTimeout(() => (hasRows ? card.classList.add("stale") : showInstead("loading", loadingScreen)), LOADING_DELAY);
    over.addEventListener("abort", () => {
      clearTimeout(timer);
      card.classList.remove("stale");
    });
  };

  /**
   * Shows the parts of the page around the rows.
   * @param {import("./kept_lists.js").KeptList} list
   * @param {{ hasField: boolean, isSearching?: boolean }} state `hasField`: the first-run card has a field for a URL.
   */
  const show = ({ model, filters, ranking }, { hasField, isSearching = false }) => {
    const { links, cursor } = model;
    const isEmpty = links.length === 0 && cursor === null;
    toolbar.node.classList.remove("unknown");
    toolbar.show(filters, seenIn(context));
    toolbar.node.hidden = isEmpty && !isFiltered(filters);
    card.hidden = links.length === 0;
    clicks.textContent = ranking ? `Clicks, ${filters.sort} d` : "Clicks";
    above.replaceChildren(alreadyShort(context, filters, links) ?? "");
    const state = isEmpty ? JSON.stringify([filters, hasField]) : "";
    showInstead(state, () => (isEmpty ? emptyList(context, filters, { hasField, clear: on.clear }) : ""));
    if (isEmpty) return foot.replaceChildren();
    const searches = !ranking && isFiltered(filters) && !soughtUrl(filters);
    const more = searches && (links.length === 0 || links.length % PAGE > 0) ? "Keep searching" : `Load ${PAGE} more`;
    foot.replaceChildren(
      h("span", null, ranking ? rankingWords(ranking, links.length, cursor !== null) : shownWords(links.length, { hasMore: cursor !== null, searches, isSearching })),
      cursor && !isSearching ? h("button", { class: "button", type: "button", onclick: on.more }, more) : "");
  };

  /**
   * @param {string} state Identifies the content. If `state` is the same as before, nothing is replaced.
   * @param {() => Node | string} make
   */
  const showInstead = (state, make) => {
    if (state === insteadOf) return;
    insteadOf = state;
    instead.replaceChildren(make());
  };

  /**
   * Shows this instead of the list.
   * @param {HTMLElement} content
   */
  const replaceAll = (content) => {
    toolbar.node.classList.remove("unknown");
    card.hidden = true;
    above.replaceChildren();
    foot.replaceChildren();
    insteadOf = "other";
    instead.replaceChildren(content);
  };

  /**
   * Shows deleted links instead of the list.
   * @param {HTMLElement} part
   */
  const showDeleted = (part) => {
    toolbar.node.hidden = false;
    replaceAll(h("div", { class: "card" }, part));
  };

  /**
   * Shows why links could not be loaded.
   * @param {unknown} error
   * @param {() => void} retry
   * @param {boolean} keepsRows
   */
  const fail = (error, retry, keepsRows) => {
    const failed = failedList(error, retry);
    announce(failed.querySelector("p")?.textContent ?? "");
    if (keepsRows) foot.replaceChildren(failed);
    else replaceAll(failed);
  };

  /** Shows whether all, some or none of the links are selected. */
  const showSelection = () => {
    const { size } = rows.selected;
    toolbar.node.classList.toggle("has-selection", size > 0);
    card.classList.toggle("has-selection", size > 0);
    all.checked = size > 0 && size === rows.shown.size;
    all.indeterminate = size > 0 && !all.checked;
  };

  /** @param {boolean} [on] Whether each row shows its checkbox. */
  const pick = (on = !card.classList.contains("picking")) => {
    card.classList.toggle("picking", on);
    toolbar.select.textContent = on ? "Done" : "Select";
    toolbar.select.setAttribute("aria-pressed", String(on));
    if (!on) rows.selectOnly([]);
  };

  /**
   * Focuses the row of this link. If there is no such row, focuses the first row. If the list is empty, focuses the search
   * field or the first control.
   * @param {string} [birth]
   */
  const focus = (birth = rows.current) => {
    if (rows.focus(birth) || rows.focus(rows.shown.keys().next().value ?? "")) return;
    /** @type {HTMLElement | null} */ (toolbar.node.hidden ? instead.querySelector("input, button") : toolbar.search)?.focus();
  };

  return {
    node, foot, wait, show, showDeleted, fail, showSelection, pick, focus,
    /** Announces the result of a search to screen readers. */
    announce: () => announce((above.querySelector("p") ?? instead.querySelector("p") ?? foot.firstElementChild)?.textContent ?? ""),
  };
}

/**
 * How many links are shown, in words.
 * @param {number} number
 * @param {{ hasMore: boolean, searches: boolean, isSearching: boolean }} state
 */
function shownWords(number, { hasMore, searches, isSearching }) {
  const links = counted(number, "link");
  if (isSearching) return number > 0 ? `Searching… ${links} found so far` : "Searching…";
  if (!hasMore) return links;
  if (!searches) return `${links} shown`;
  return number > 0 ? `${links} found so far` : "Nothing found among the newest links.";
}
