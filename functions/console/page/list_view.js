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

/** Everything around the rows on the list's screen. */
export class ListView {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("./toolbar.js").Toolbar} toolbar
   * @param {import("./rows.js").Rows} rows
   * @param {HTMLElement} results The results of a bulk change.
   * @param {{ more: () => void, clear: () => void }} on
   */
  constructor(context, toolbar, rows, results, on) {
    this.context = context;
    this.toolbar = toolbar;
    this.rows = rows;
    this.on = on;
    /** Identifies the content of `instead`. The same content is not replaced, because the reader may be typing in a field in it. */
    this.insteadOf = "";
    this.all = h("input", { type: "checkbox", class: "pick", "aria-label": "Select all links shown",
      onchange: () => rows.selectOnly(this.all.checked ? rows.shown.keys() : []) });
    const heading = (/** @type {string} */ kind, /** @type {string} */ words) => h("span", { class: kind, "aria-hidden": "true" }, words);
    this.clicks = heading("clicks", "");
    this.card = h("div", { class: "card links", hidden: true },
      h("div", { class: "headings" }, this.all, heading("what", "Link"), heading("by", "Created by"), heading("age", "Created"), this.clicks),
      rows.list);
    this.above = h("div");
    this.instead = h("div");
    this.foot = h("div", { class: "foot quiet" });
    // Hidden until the first response: if there are no links, the empty list has its own button.
    toolbar.node.classList.add("unknown");
    this.node = h("section", null, h("h1", { tabindex: "-1", class: "for-screen-readers" }, "Links"),
      toolbar.node, results, this.above, this.card, this.instead, this.foot);
  }

  /**
   * Shows that the list is loading, unless it loads quickly.
   * @param {boolean} hasRows Whether the previous rows stay while the list is loading.
   * @param {AbortSignal} over
   */
  wait(hasRows, over) {
    this.node.ariaBusy = "true";
    const timer = setTimeout(() => (hasRows ? this.card.classList.add("stale") : this.showInstead("loading", loadingScreen)), LOADING_DELAY);
    over.addEventListener("abort", () => {
      clearTimeout(timer);
      this.card.classList.remove("stale");
    });
  }

  /**
   * Shows everything around the rows.
   * @param {import("./kept_lists.js").KeptList} list
   * @param {{ hasField: boolean, isSearching?: boolean }} state `hasField`: the first-run card has a field for a URL.
   */
  show({ model, filters, ranking }, { hasField, isSearching = false }) {
    const { context } = this;
    const { links, cursor } = model;
    const isEmpty = links.length === 0 && cursor === null;
    this.toolbar.node.classList.remove("unknown");
    this.toolbar.show(filters, seenIn(context));
    this.toolbar.node.hidden = isEmpty && !isFiltered(filters);
    this.card.hidden = links.length === 0;
    this.clicks.textContent = ranking ? `Clicks, ${filters.sort} d` : "Clicks";
    this.above.replaceChildren(alreadyShort(context, filters, links) ?? "");
    const state = isEmpty ? JSON.stringify([filters, hasField]) : "";
    this.showInstead(state, () => (isEmpty ? emptyList(context, filters, { hasField, clear: this.on.clear }) : ""));
    if (isEmpty) return this.foot.replaceChildren();
    const searches = !ranking && isFiltered(filters) && !soughtUrl(filters);
    const more = searches && (links.length === 0 || links.length % PAGE > 0) ? "Keep searching" : `Load ${PAGE} more`;
    this.foot.replaceChildren(
      h("span", null, ranking ? rankingWords(ranking, links.length, cursor !== null) : shownWords(links.length, { hasMore: cursor !== null, searches, isSearching })),
      cursor && !isSearching ? h("button", { class: "button", type: "button", onclick: this.on.more }, more) : "");
  }

  /**
   * @param {string} state Identifies the content. If `state` is the same as before, nothing is replaced.
   * @param {() => Node | string} make
   */
  showInstead(state, make) {
    if (state === this.insteadOf) return;
    this.insteadOf = state;
    this.instead.replaceChildren(make());
  }

  /**
   * Shows why links could not be loaded.
   * @param {unknown} error
   * @param {() => void} retry
   * @param {boolean} keepsRows
   */
  fail(error, retry, keepsRows) {
    const failed = failedList(error, retry);
    announce(failed.querySelector("p")?.textContent ?? "");
    this.toolbar.node.classList.remove("unknown");
    if (keepsRows) return this.foot.replaceChildren(failed);
    this.card.hidden = true;
    this.above.replaceChildren();
    this.foot.replaceChildren();
    this.insteadOf = "failed";
    this.instead.replaceChildren(failed);
  }

  /** Shows whether all, some or none of the links are selected. */
  showSelection() {
    const { size } = this.rows.selected;
    this.toolbar.node.classList.toggle("has-selection", size > 0);
    this.card.classList.toggle("has-selection", size > 0);
    this.all.checked = size > 0 && size === this.rows.shown.size;
    this.all.indeterminate = size > 0 && !this.all.checked;
  }

  /** @param {boolean} [on] Whether each row shows its checkbox. */
  pick(on = !this.card.classList.contains("picking")) {
    this.card.classList.toggle("picking", on);
    this.toolbar.select.textContent = on ? "Done" : "Select";
    this.toolbar.select.setAttribute("aria-pressed", String(on));
    if (!on) this.rows.selectOnly([]);
  }

  /**
   * Focuses the row of this link or, if there is no such row, the nearest control.
   * @param {string} [birth]
   */
  focus(birth = this.rows.current) {
    if (this.rows.focus(birth)) return;
    /** @type {HTMLElement | null} */ (this.toolbar.node.hidden ? this.instead.querySelector("input, button") : this.toolbar.search)?.focus();
  }

  /** Announces the result of a search to screen readers. */
  announce() {
    const first = this.above.querySelector("p") ?? this.instead.querySelector("p") ?? this.foot.firstElementChild;
    announce(first?.textContent ?? "");
  }
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
