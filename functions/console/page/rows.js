import { h } from "./dom.js";
import { linkRow, lookOf, roomInRow } from "./row.js";

/** @typedef {import("./link_list.js").Link} Link */

/** The number of rows in a group. The browser lays out only the groups that are in view. */
const GROUP = 50;
/** How long a new row stays tinted, in milliseconds. */
const TINT = 1_200;

/**
 * The rows of a list: which row is current, and which are selected. Its element dispatches the events "selection" and "copy-link",
 * with the birth of the link to copy.
 */
export class Rows {
  /** @param {string} reader The reader's user id. */
  constructor(reader) {
    this.reader = reader;
    /** @type {Map<string, { link: Link, row: HTMLElement, look: string }>} */
    this.shown = new Map();
    /** The births of selected links. @type {Set<string>} */
    this.selected = new Set();
    /** The birth of the current link; empty if there is none. */
    this.current = "";
    /** The link at which a selection of several rows starts. */
    this.anchor = "";
    this.list = h("div", { class: "rows", role: "list", "aria-label": "Links", onclick: (/** @type {MouseEvent} */ event) => this.#clicked(event),
      onfocusin: (/** @type {FocusEvent} */ event) => this.#setCurrent(birthOf(event.target)) });
  }

  /**
   * Shows these links. Rows that would look the same as before are not replaced.
   * @param {Link[]} links
   */
  show(links) {
    const now = new Date();
    const births = new Set(links.map(({ birth }) => birth));
    let gone = false;
    for (const [birth, { row }] of this.shown) {
      if (births.has(birth)) continue;
      row.remove();
      this.shown.delete(birth);
      gone = this.selected.delete(birth) || gone;
    }
    /** @type {Element | null} */
    let place = this.list.querySelector(".row");
    for (const link of links) {
      const row = this.#rowOf(link, now);
      if (place === row) place = rowAfter(row);
      else if (place) place.before(row);
      else this.#add(row);
    }
    for (const group of [...this.list.children]) if (!group.firstChild) group.remove();
    if (!this.shown.has(this.current)) this.current = "";
    if (gone) this.list.dispatchEvent(new CustomEvent("selection"));
  }

  /**
   * Adds links at the end.
   * @param {Link[]} links
   */
  append(links) {
    const now = new Date();
    for (const link of links) this.#add(this.#rowOf(link, now));
  }

  /** The current link. */
  get link() {
    return this.shown.get(this.current)?.link ?? null;
  }

  /** The selected links, in the order in which they are shown. */
  get selection() {
    return [...this.list.querySelectorAll(".row.selected")].flatMap((row) => this.shown.get(birthOf(row))?.link ?? []);
  }

  /**
   * Makes a link current: its row gets the focus and scrolls into view.
   * @param {string} birth
   */
  focus(birth) {
    const row = this.shown.get(birth)?.row;
    if (!row) return false;
    row.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement | null} */ (row.querySelector(".name"))?.focus({ preventScroll: true });
    return true;
  }

  /**
   * Moves to the next link (1) or the previous link (-1) or, if no link is current, to the first link.
   * @param {1 | -1} step
   */
  move(step) {
    const row = this.shown.get(this.current)?.row;
    const target = !row ? this.list.querySelector(".row") : step > 0 ? rowAfter(row) : rowBefore(row);
    if (target) this.focus(birthOf(target));
  }

  /**
   * Selects or deselects a link.
   * @param {string} birth
   * @param {boolean} [on]
   */
  select(birth, on = !this.selected.has(birth)) {
    if (on) this.selected.add(birth);
    else this.selected.delete(birth);
    this.anchor = birth;
    this.#showSelection([birth]);
  }

  /**
   * Selects these links and no others.
   * @param {Iterable<string>} births
   */
  selectOnly(births) {
    const changed = [...this.selected];
    this.selected = new Set(births);
    this.#showSelection([...changed, ...this.selected]);
  }

  /**
   * Tints a new row for a moment.
   * @param {string} birth
   */
  tint(birth) {
    const row = this.shown.get(birth)?.row;
    row?.classList.add("new");
    setTimeout(() => row?.classList.remove("new"), TINT);
  }

  /** @param {HTMLElement} row */
  #add(row) {
    let group = this.list.lastElementChild;
    if (!group || group.childElementCount >= GROUP) this.list.append((group = h("div", { class: "group" })));
    group.append(row);
  }

  /**
   * @param {Link} link
   * @param {Date} now
   */
  #rowOf(link, now) {
    const look = lookOf(link, now);
    const known = this.shown.get(link.birth);
    if (known?.look === look) {
      known.link = link;
      return known.row;
    }
    const fresh = linkRow(link, this.reader, now, roomInRow(innerWidth));
    if (known) renew(known.row, fresh);
    const row = known?.row ?? fresh;
    this.shown.set(link.birth, { link, row, look });
    return row;
  }

  /** @param {string} birth */
  #setCurrent(birth) {
    if (!birth || birth === this.current) return;
    this.shown.get(this.current)?.row.classList.remove("current");
    this.shown.get(birth)?.row.classList.add("current");
    this.current = birth;
  }

  /** @param {string[]} births The births of the links whose selection may have changed. */
  #showSelection(births) {
    for (const birth of births) {
      const row = this.shown.get(birth)?.row;
      if (row) markSelected(row, this.selected.has(birth));
    }
    this.list.dispatchEvent(new CustomEvent("selection"));
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const { target } = event;
    const birth = birthOf(target);
    if (!(target instanceof Element) || !birth) return;
    if (target.closest(".copy")) this.list.dispatchEvent(new CustomEvent("copy-link", { detail: birth }));
    else if (target instanceof HTMLInputElement) {
      if (event.shiftKey && this.anchor) this.#selectTo(birth, target.checked);
      this.select(birth, target.checked);
    }
  }

  /**
   * Selects or deselects all links from the last selected link to this one.
   * @param {string} birth
   * @param {boolean} on
   */
  #selectTo(birth, on) {
    const births = [...this.list.querySelectorAll(".row")].map(birthOf);
    const ends = [births.indexOf(this.anchor), births.indexOf(birth)].sort((a, b) => a - b);
    const between = births.slice(ends[0], (ends[1] ?? 0) + 1);
    for (const each of between) if (on) this.selected.add(each);
    else this.selected.delete(each);
    this.#showSelection(between);
  }
}

/**
 * The next row after `row`. It may be the first row of the next group.
 * @param {Element} row
 */
export function rowAfter(row) {
  return row.nextElementSibling ?? row.parentElement?.nextElementSibling?.firstElementChild ?? null;
}

/**
 * The row before this row: in the same group or, for a group's first row, the last row of the previous group.
 * @param {Element} row
 */
export function rowBefore(row) {
  return row.previousElementSibling ?? row.parentElement?.previousElementSibling?.lastElementChild ?? null;
}

/**
 * The birth of the link whose row contains this element.
 * @param {EventTarget | null} target
 */
function birthOf(target) {
  return (target instanceof Element ? target.closest("[data-birth]")?.getAttribute("data-birth") : null) ?? "";
}

/**
 * @param {HTMLElement} row
 * @param {boolean} on
 */
function markSelected(row, on) {
  row.classList.toggle("selected", on);
  const box = row.querySelector("input");
  if (box) box.checked = on;
}

/**
 * Replaces a row's content, but not its controls: one of them may have the focus, or get it back when a dialog closes.
 * @param {HTMLElement} row
 * @param {HTMLElement} fresh
 */
function renew(row, fresh) {
  const focused = document.activeElement;
  for (const control of row.querySelectorAll("input, a, button")) {
    const twin = fresh.querySelector(control.tagName);
    if (!twin) continue;
    for (const { name, value } of twin.attributes) control.setAttribute(name, value);
    control.replaceChildren(...twin.childNodes);
    twin.replaceWith(control);
  }
  row.replaceChildren(...fresh.childNodes);
  if (focused instanceof HTMLElement && row.contains(focused)) focused.focus({ preventScroll: true });
}
