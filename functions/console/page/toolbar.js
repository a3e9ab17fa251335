import { h, icon } from "./dom.js";
import { combined, filterCount, isFiltered, NO_FILTERS, ORDERS, STATES } from "./filters.js";

/** How long the reader must stop typing before the search starts, in milliseconds. */
const TYPING_PAUSE = 200;

/**
 * @typedef {import("./filters.js").Filters} Filters
 * @typedef {object} Seen The creators and tags that the filters offer: those in all lists loaded so far.
 * @property {Map<string, string>} creators The names of the creators, by user id.
 * @property {Set<string>} tags
 * @typedef {object} Toolbar
 * @property {HTMLElement} node
 * @property {HTMLInputElement} search
 * @property {HTMLElement} choices The element of the filters, which the bar for selected links replaces.
 * @property {HTMLButtonElement} select Starts selecting, for devices without hover.
 * @property {(filters: Filters, seen: Seen) => void} show
 */

/**
 * The line above the list: the search field, the filters, and the button for a new link.
 * @param {{ change: (filters: Filters) => void, create: () => void, enter: () => void, select: () => void }} on
 *   `enter`: the reader pressed Enter in the search field.
 * @returns {Toolbar}
 */
export function listToolbar(on) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  const changed = () => {
    clearTimeout(pause);
    on.change(combined({ q: search.value, creator: creator.value, tag: tag.value, state: state.value, sort: order.value }));
  };
  const typed = () => {
    clearTimeout(pause);
    pause = setTimeout(changed, TYPING_PAUSE);
  };
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      if (search.value === "") return search.blur();
      search.value = "";
      changed();
    } else if (event.key === "Enter") {
      changed();
      on.enter();
    }
  };
  const search = h("input", { type: "search", class: "search", "aria-label": "Search or paste a URL", placeholder: "Search or paste a URL",
    autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", "aria-keyshortcuts": "/", oninput: typed, onkeydown: pressed });
  const creator = h("select", { "aria-label": "Created by", onchange: changed });
  const tag = h("select", { "aria-label": "Tag", onchange: changed });
  const state = h("select", { "aria-label": "State", onchange: changed }, options([["", "State"], ...STATES], ""));
  const order = h("select", { "aria-label": "Order", onchange: () => {
    search.value = "";
    on.change({ ...NO_FILTERS, sort: order.value });
  } }, options(ORDERS, ""));
  const clear = h("button", { class: "button clear", type: "button", onclick: () => {
    search.value = creator.value = tag.value = state.value = order.value = "";
    changed();
    search.focus();
  } }, "Clear");
  const toggle = h("button", { class: "button toggle", type: "button", "aria-expanded": "false", "aria-controls": "filters",
    onclick: () => toggle.setAttribute("aria-expanded", String(filters.classList.toggle("open"))) }, "Filters");
  const select = h("button", { class: "button selecting", type: "button", onclick: on.select }, "Select");
  const filters = h("div", { class: "filters", id: "filters" }, creator, tag, state, order);
  const choices = h("div", { class: "choices-of-list" }, toggle, filters, clear, select);
  const node = h("div", { class: "toolbar" },
    h("div", { class: "search-box" }, search, h("kbd", { "aria-hidden": "true" }, "/")),
    choices,
    h("button", { class: "button primary", type: "button", "aria-keyshortcuts": "c", onclick: on.create }, icon("plus"), "New link", h("kbd", { "aria-hidden": "true" }, "c")),
  );
  return {
    node, search, choices, select,
    show(wanted, seen) {
      if (search !== document.activeElement) search.value = wanted.q;
      creator.replaceChildren(...options([["", "Everyone"], ...withChosen(seen.creators, wanted.creator)], wanted.creator));
      const tags = new Map([...seen.tags].sort().map((name) => [name, `#${name}`]));
      tag.replaceChildren(...options([["", "Tags"], ...withChosen(tags, wanted.tag)], wanted.tag));
      state.value = wanted.state;
      order.value = wanted.sort;
      for (const choice of [creator, tag, state, order]) choice.classList.toggle("chosen", choice.value !== "");
      clear.hidden = !isFiltered(wanted);
      const set = filterCount(wanted);
      toggle.textContent = set > 0 ? `Filters: ${set}` : "Filters";
    },
  };
}

/**
 * The options of a choice.
 * @param {Iterable<[string, string]>} choices Values and words.
 * @param {string} chosen
 */
export function options(choices, chosen) {
  return [...choices].map(([value, words]) => h("option", { value, selected: value === chosen }, words));
}

/**
 * The choices of a filter, including the chosen one: a value from the address may be missing from all lists loaded so far.
 * @param {Map<string, string>} choices
 * @param {string} chosen
 * @returns {Map<string, string>}
 */
export function withChosen(choices, chosen) {
  return chosen && !choices.has(chosen) ? new Map([...choices, [chosen, chosen]]) : choices;
}
