import { callApi, isAborted, linkPath } from "./api.js";
import { bulkBar } from "./bulk_bar.js";
import { listen } from "./bus.js";
import { copyUrl } from "./copy.js";
import { announce, h } from "./dom.js";
import { alreadyShort, emptyList, failedList, proposalOf } from "./empty.js";
import { filtersOf, isFiltered, isSameFilter, parametersOf, rememberedFilters, rememberFilters, soughtUrl } from "./filters.js";
import { firstRunCard, isFirstRun } from "./first_run.js";
import { openLinkForm } from "./form.js";
import { keptList, newList, seenIn } from "./kept_lists.js";
import { LinkList } from "./link_list.js";
import { addListKeys } from "./list_keys.js";
import { takePastes } from "./paste.js";
import { linksHash } from "./routes.js";
import { rowAfter, rowBefore } from "./rows.js";
import { noteShortBase } from "./short_base.js";
import { loadingScreen } from "./start.js";
import { counted } from "./text.js";
import { listToolbar } from "./toolbar.js";

/** How many links a page has. */
const PAGE = 50;
/** How many requests follow each other on their own while a search finds less than a page. */
const SEARCH_REQUESTS = 5;
/** How long to wait before anything shows that the list is loading, in milliseconds. */
const LOADING_DELAY = 150;
/** How old a list may be when the reader comes back to the tab, in milliseconds. */
const STALE = 60_000;

/** The organization's links. @type {import("./main.js").Screen} */
export function showLinks(context, route, signal) {
  return new ListScreen(context, route, signal).node;
}

class ListScreen {
  /**
   * @param {import("./context.js").Context} context
   * @param {import("./routes.js").Route} route
   * @param {AbortSignal} signal
   */
  constructor(context, route, signal) {
    this.context = context;
    this.signal = signal;
    this.loading = new AbortController();
    this.loadedAt = 0;
    /** The first answer to the current filters. @type {Promise<void>} */
    this.loaded = Promise.resolve();
    /** @type {ReturnType<typeof firstRunCard> | null} */
    this.firstRun = null;

    const named = filtersOf(route.query);
    const kept = keptList(context.org.id);
    const filters = isFiltered(named) ? named : (kept?.filters ?? rememberedFilters(context.org.id));
    const returns = kept !== undefined && kept.model.isLoaded && !kept.isOutdated && isSameFilter(kept.filters, filters);
    this.state = returns ? kept : newList(context, filters);
    this.rows = this.state.rows;

    this.toolbar = listToolbar({
      change: (wanted) => this.filter(wanted),
      create: () => this.create({}),
      enter: () => this.enter(),
      select: () => this.pick(!this.card.classList.contains("picking")),
    });
    this.bulk = bulkBar(context, this.rows, () => seenIn(context).tags, () => {
      this.pick(false);
      this.focus();
    });
    this.toolbar.choices.after(this.bulk.node);
    this.all = h("input", { type: "checkbox", class: "pick", "aria-label": "Select all links shown",
      onchange: () => this.rows.selectOnly(this.all.checked ? this.rows.shown.keys() : []) });
    const heading = (/** @type {string} */ kind, /** @type {string} */ words) => h("span", { class: kind, "aria-hidden": "true" }, words);
    this.card = h("div", { class: "card links", hidden: true },
      h("div", { class: "headings" }, this.all, heading("what", "Link"), heading("by", "Created by"), heading("age", "Created"), heading("clicks", "Clicks")),
      this.rows.list);
    this.above = h("div", { class: "above-list" });
    this.instead = h("div", { class: "instead-of-list" });
    this.foot = h("div", { class: "foot quiet" });
    this.node = h("section", { class: "list-screen" },
      h("h1", { tabindex: "-1", class: "for-screen-readers" }, "Links"),
      this.toolbar.node, this.bulk.results, this.above, this.card, this.instead, this.foot);
    this.listenToAll();

    history.replaceState(null, "", linksHash(context.org.id, filters));
    this.toolbar.show(filters, seenIn(context));
    if (!returns) {
      this.load("first");
      return;
    }
    this.update();
    // Once the screen is in place.
    queueMicrotask(() => {
      scrollTo(0, this.state.scroll);
      this.rows.focus(this.rows.current);
    });
    this.load("refresh");
  }

  listenToAll() {
    const { signal, rows, context } = this;
    const options = { signal };
    listen("link-created", (link) => {
      if (link.org_id !== context.org.id) return;
      this.update();
      rows.tint(link.birth);
      this.firstRun?.created();
    }, signal);
    listen("link-changed", () => this.update(), signal);
    listen("link-deleted", (link) => this.remove(link.birth), signal);
    listen("handle-changed", () => this.load("first"), signal);
    rows.list.addEventListener("copy-link", (event) => {
      const shown = rows.shown.get(/** @type {CustomEvent} */ (event).detail);
      if (shown) copyUrl(shown.link.short_url);
    }, options);
    rows.list.addEventListener("selection", () => {
      const some = rows.selected.size;
      this.toolbar.node.classList.toggle("has-selection", some > 0);
      this.card.classList.toggle("has-selection", some > 0);
      this.all.checked = some > 0 && some === rows.shown.size;
      this.all.indeterminate = some > 0 && !this.all.checked;
    }, options);
    takePastes({ url: (url) => this.create({ url }), text: (text) => this.filter({ ...this.state.filters, q: text }) }, signal);
    addListKeys(context, rows, {
      find: () => {
        this.toolbar.search.focus();
        this.toolbar.search.select();
      },
      leave: () => (rows.selected.size > 0 ? rows.selectOnly([]) : this.clear()),
    }, signal);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && Date.now() - this.loadedAt > STALE && !this.node.ariaBusy) this.load("refresh");
    }, options);
    signal.addEventListener("abort", () => {
      this.state.scroll = scrollY;
      rows.selectOnly([]);
    });
  }

  /** @param {{ url?: string, shortName?: string }} start */
  create(start) {
    openLinkForm(this.context, start);
  }

  /** @param {import("./filters.js").Filters} filters */
  filter(filters) {
    const { org } = this.context;
    const isSame = isSameFilter(filters, this.state.filters);
    this.state.filters = filters;
    history.replaceState(null, "", linksHash(org.id, { ...filters, q: filters.q.trim() }));
    rememberFilters(org.id, filters);
    if (isSame) return;
    this.toolbar.show(filters, seenIn(this.context));
    this.rows.selectOnly([]);
    this.loaded = this.load("first");
  }

  clear() {
    this.filter({ q: "", creator: "", tag: "", state: "" });
    this.toolbar.search.value = "";
  }

  /** Enter in the search field: the first link that was found, or a new one. */
  async enter() {
    await this.loaded;
    const first = this.state.model.links[0];
    if (first) this.rows.focus(first.birth);
    else if (this.state.filters.q.trim() && !this.node.ariaBusy) this.create(proposalOf(this.state.filters));
  }

  /** @param {boolean} on Whether each row shows its checkbox. */
  pick(on) {
    this.card.classList.toggle("picking", on);
    this.toolbar.select.setAttribute("aria-pressed", String(on));
    if (!on) this.rows.selectOnly([]);
  }

  /** @param {string} birth */
  remove(birth) {
    const row = this.rows.shown.get(birth)?.row;
    const neighbour = row && (rowAfter(row) ?? rowBefore(row));
    const wasCurrent = this.rows.current === birth;
    this.update();
    if (!wasCurrent || document.activeElement !== document.body) return;
    this.focus(neighbour?.getAttribute("data-birth") ?? "");
  }

  /** Puts the focus on a row, or where the reader can go on if there is none. */
  focus(birth = this.rows.current) {
    if (this.rows.focus(birth)) return;
    const { search } = this.toolbar;
    /** @type {HTMLElement | null} */ (this.toolbar.node.hidden ? this.instead.querySelector("input, button") : search)?.focus();
  }

  /**
   * Loads the first page of what the filters ask for, the first page again, or the next one. Earlier requests are dropped.
   * @param {"first" | "refresh" | "more"} kind
   */
  async load(kind) {
    this.loading.abort();
    const own = (this.loading = new AbortController());
    const signal = AbortSignal.any([this.signal, own.signal]);
    const { org } = this.context;
    const { filters } = this.state;
    const model = kind === "first" ? new LinkList() : this.state.model;
    if (kind !== "refresh") this.wait(own.signal);
    try {
      let found = 0;
      for (let request = 1; ; request++) {
        const query = { limit: kind === "refresh" ? PAGE : PAGE - found, include: "clicks", ...parametersOf(filters), cursor: kind === "refresh" ? null : model.cursor };
        const { body } = await callApi("GET", linkPath(org.id), { query, signal });
        noteShortBase(org.id, body.short_base);
        this.loadedAt = Date.now();
        seenIn(this.context, body.data);
        if (kind === "refresh") model.refresh(body, Date.now());
        const added = kind === "refresh" ? [] : model.append(body, Date.now());
        if (kind === "first" && request === 1) this.begin(model, body.short_base);
        if (kind !== "more" && request === 1) this.rows.show(model.links);
        else this.rows.append(added);
        if (kind === "more" && found === 0 && added[0]) this.rows.focus(added[0].birth);
        found += added.length;
        const goesOn = kind !== "refresh" && model.cursor !== null && found < PAGE && request < SEARCH_REQUESTS;
        this.render(goesOn ? `Searching…${model.links.length > 0 ? ` ${counted(model.links.length, "link")} found so far` : ""}` : "");
        if (goesOn) continue;
        if (kind === "first" && isFiltered(filters)) announce(this.said());
        break;
      }
    } catch (error) {
      if (isAborted(error)) return;
      this.fail(error, kind);
    }
    own.abort();
    this.state.isOutdated = false;
    this.node.ariaBusy = null;
  }

  /**
   * Shows another list in place of the last one.
   * @param {LinkList} model
   * @param {string} shortBase
   */
  begin(model, shortBase) {
    this.state.model = model;
    if (this.firstRun || !isFirstRun(this.context, shortBase)) return;
    this.firstRun = firstRunCard(this.context, () => {
      this.render();
      this.focus();
    }, this.signal);
    this.toolbar.node.before(this.firstRun.card);
    if (model.links.length > 0 && !isFiltered(this.state.filters)) this.firstRun.created();
  }

  /** Shows that the list is loading, unless it is over soon. @param {AbortSignal} over */
  wait(over) {
    this.node.ariaBusy = "true";
    const timer = setTimeout(() => {
      if (this.state.model.isLoaded) this.card.classList.add("stale");
      else this.instead.replaceChildren(loadingScreen());
    }, LOADING_DELAY);
    over.addEventListener("abort", () => {
      clearTimeout(timer);
      this.card.classList.remove("stale");
    });
  }

  /** Shows the list as it is by now. */
  update() {
    this.rows.show(this.state.model.links);
    this.render();
  }

  /**
   * Shows what is around the rows.
   * @param {string} [searching] Said while a search goes on.
   */
  render(searching = "") {
    const { context } = this;
    const { model, filters } = this.state;
    if (!model.isLoaded) return;
    const { links, cursor } = model;
    this.toolbar.show(filters, seenIn(context));
    this.toolbar.node.hidden = links.length === 0 && !isFiltered(filters) && cursor === null;
    this.card.hidden = links.length === 0;
    this.above.replaceChildren(alreadyShort(context, filters, links) ?? "");
    const isEmpty = links.length === 0 && cursor === null;
    const hasField = this.firstRun?.card.isConnected ?? false;
    this.instead.replaceChildren(isEmpty ? emptyList(context, filters, { hasField, clear: () => this.clear() }) : "");
    if (isEmpty) return this.foot.replaceChildren();
    const searches = isFiltered(filters) && !soughtUrl(filters);
    const shown = counted(links.length, "link");
    const words = !cursor ? shown : !searches ? `${shown} shown` : links.length > 0 ? `${shown} found so far` : "Nothing found among the newest links.";
    const label = searches && links.length % PAGE > 0 || links.length === 0 ? "Keep searching" : `Load ${PAGE} more`;
    this.foot.replaceChildren(h("span", null, searching || words), cursor && !searching ? h("button", { class: "button", type: "button", onclick: () => this.load("more") }, label) : "");
  }

  /** What came of a search, for screen readers. */
  said() {
    const first = this.above.querySelector("p") ?? this.instead.querySelector("p") ?? this.foot.firstElementChild;
    return first?.textContent ?? "";
  }

  /**
   * @param {unknown} error
   * @param {"first" | "refresh" | "more"} kind
   */
  fail(error, kind) {
    const failed = failedList(error, () => this.load(kind));
    announce(failed.querySelector("p")?.textContent ?? "");
    if (kind === "more") return this.foot.replaceChildren(failed);
    this.card.hidden = true;
    this.above.replaceChildren();
    this.foot.replaceChildren();
    this.instead.replaceChildren(failed);
  }
}
