import { h } from "./dom.js";
import { linkRow, lookOf, roomInRow } from "./row.js";

/** @typedef {import("./link_list.js").Link} Link */

/** The number of rows in a group. The browser lays out only the groups that are in view. */
const GROUP = 50;
/** How long a new row stays tinted, in milliseconds. */
const TINT = 1_200;

/** @typedef {ReturnType<typeof linkRows>} Rows */

/**
 * The rows of a list: which is current, and which are selected. Their element dispatches two events: "selection" and
 * "copy-link" (its detail is the link's birth).
 * @param {string} reader The reader's user id.
 */
export function linkRows(reader) {
  /** @type {Map<string, { link: Link, row: HTMLElement, look: string }>} */
  const shown = new Map();
  /** The `birth` of each selected link. @type {Set<string>} */
  let selected = new Set();
  /** The `birth` of the current link; empty if no link is current. */
  let current = "";
  /** The row where a selection of several rows starts. */
  let anchor = "";
  const list = h("div", { class: "rows", role: "list", "aria-label": "Links", onclick: (/** @type {MouseEvent} */ event) => clicked(event),
    onfocusin: (/** @type {FocusEvent} */ event) => setCurrent(birthOf(event.target)) });

  /**
   * Shows these links. Rows that would look the same as before are not replaced.
   * @param {Link[]} links
   */
  const show = (links) => {
    const now = new Date();
    const births = new Set(links.map(({ birth }) => birth));
    let gone = false;
    for (const [birth, { row }] of shown) {
      if (births.has(birth)) continue;
      row.remove();
      shown.delete(birth);
      gone = selected.delete(birth) || gone;
    }
    /** @type {Element | null} */
    let place = list.querySelector(".row");
    for (const link of links) {
      const row = rowOf(link, now);
      if (place === row) place = rowAfter(row);
      else if (place) place.before(row);
      else add(row);
    }
    for (const group of [...list.children]) if (!group.firstChild) group.remove();
    if (!shown.has(current)) current = "";
    if (gone) list.dispatchEvent(new CustomEvent("selection"));
  };

  /**
   * Adds links at the end.
   * @param {Link[]} links
   */
  const append = (links) => {
    const now = new Date();
    for (const link of links) add(rowOf(link, now));
  };

  /**
   * Makes a link current: its row gets the focus and scrolls into view.
   * @param {string} birth
   */
  const focus = (birth) => {
    const row = shown.get(birth)?.row;
    if (!row) return false;
    row.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement | null} */ (row.querySelector(".name"))?.focus({ preventScroll: true });
    return true;
  };

  /**
   * Moves to the next link (1) or the previous link (-1) or, if there is no current link, to the first link.
   * @param {1 | -1} step
   */
  const move = (step) => {
    const row = shown.get(current)?.row;
    const target = !row ? list.querySelector(".row") : step > 0 ? rowAfter(row) : rowBefore(row);
    if (target) focus(birthOf(target));
  };

  /**
   * Selects or deselects a link.
   * @param {string} birth
   * @param {boolean} [on]
   */
  const select = (birth, on = !selected.has(birth)) => {
    if (on) selected.add(birth);
    else selected.delete(birth);
    anchor = birth;
    showSelection([birth]);
  };

  /**
   * Selects these links and no others.
   * @param {Iterable<string>} births
   */
  const selectOnly = (births) => {
    const changed = [...selected];
    selected = new Set(births);
    showSelection([...changed, ...selected]);
  };

  /**
   * Tints a new row for a moment.
   * @param {string} birth
   */
  const tint = (birth) => {
    const row = shown.get(birth)?.row;
    row?.classList.add("new");
    setTimeout(() => row?.classList.remove("new"), TINT);
  };

  /** @param {HTMLElement} row */
  const add = (row) => {
    let group = list.lastElementChild;
    if (!group || group.childElementCount >= GROUP) list.append((group = h("div", { class: "group" })));
    group.append(row);
  };

  /**
   * @param {Link} link
   * @param {Date} now
   */
  const rowOf = (link, now) => {
    const look = lookOf(link, now);
    const known = shown.get(link.birth);
    if (known?.look === look) {
      known.link = link;
      return known.row;
    }
    const fresh = linkRow(link, reader, now, roomInRow(innerWidth));
    if (known) renew(known.row, fresh);
    const row = known?.row ?? fresh;
    shown.set(link.birth, { link, row, look });
    return row;
  };

  /** @param {string} birth */
  const setCurrent = (birth) => {
    if (!birth || birth === current) return;
    shown.get(current)?.row.classList.remove("current");
    shown.get(birth)?.row.classList.add("current");
    current = birth;
  };

  /** @param {string[]} births The births of the links whose selection may have changed. */
  const showSelection = (births) => {
    for (const birth of births) {
      const row = shown.get(birth)?.row;
      if (row) markSelected(row, selected.has(birth));
    }
    list.dispatchEvent(new CustomEvent("selection"));
  };

  /** @param {MouseEvent} event */
  const clicked = (event) => {
    const { target } = event;
    const birth = birthOf(target);
    if (!(target instanceof Element) || !birth) return;
    if (target.closest(".copy")) list.dispatchEvent(new CustomEvent("copy-link", { detail: birth }));
    else if (target instanceof HTMLInputElement) {
      if (event.shiftKey && anchor) selectTo(birth, target.checked);
      select(birth, target.checked);
    }
  };

  /**
   * Selects or deselects a range of links: from the link that was selected or deselected most recently, to this link.
   * @param {string} birth
   * @param {boolean} on
   */
  const selectTo = (birth, on) => {
    const births = [...list.querySelectorAll(".row")].map(birthOf);
    const ends = [births.indexOf(anchor), births.indexOf(birth)].sort((a, b) => a - b);
    const between = births.slice(ends[0], (ends[1] ?? 0) + 1);
    for (const each of between) if (on) selected.add(each);
    else selected.delete(each);
    showSelection(between);
  };

  return {
    list, shown, show, append, focus, move, select, selectOnly, tint,
    get selected() {
      return selected;
    },
    /** The `birth` of the current link; empty if no link is current. */
    get current() {
      return current;
    },
    /** The current link. */
    get link() {
      return shown.get(current)?.link ?? null;
    },
    /** The selected links, in the order in which they are shown. */
    get selection() {
      return [...list.querySelectorAll(".row.selected")].flatMap((row) => shown.get(birthOf(row))?.link ?? []);
    },
  };
}

/**
 * The next row after `row`. It may be the first row of the next group.
 * @param {Element} row
 */
export function rowAfter(row) {
  return row.nextElementSibling ?? row.parentElement?.nextElementSibling?.firstElementChild ?? null;
}

/**
 * The row before this row. The row before a group's first row is the last row of the previous group.
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
 * Replaces a row's content, but keeps its controls, because a control may have the focus, or get it back when a dialog
 * closes.
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
