import { callApi, isAborted, linkPath } from "./api.js";
import { bulkBar } from "./bulk_bar.js";
import { listen } from "./bus.js";
import { copyUrl } from "./copy.js";
import { proposalOf } from "./empty.js";
import { changedOrder, filtersOf, isFiltered, isSameFilter, NO_FILTERS, parametersOf, rememberedFilters, rememberFilters } from "./filters.js";
import { firstRunCard, isFirstRun } from "./first_run.js";
import { openLinkForm } from "./form.js";
import { keptList, newList, seenIn } from "./kept_lists.js";
import { LinkList } from "./link_list.js";
import { addListKeys } from "./list_keys.js";
import { ListView, PAGE } from "./list_view.js";
import { takePastes } from "./paste.js";
import { askRanked, askRanking } from "./ranked.js";
import { linksHash } from "./routes.js";
import { rowAfter, rowBefore } from "./rows.js";
import { noteShortBase } from "./short_base.js";
import { toast } from "./toast.js";
import { listToolbar } from "./toolbar.js";

/** The maximum number of requests that a search sends for one page of links, before the reader must ask for more. */
const SEARCH_REQUESTS = 5;
/** The age above which a list is reloaded when the reader returns to the tab, in milliseconds. */
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
    /** Whether the filters have changed and the first response for the new filters is still pending. */
    this.isChanging = false;
    /** The first response for the current filters. @type {Promise<void>} */
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
      select: () => this.view.pick(),
    });
    const bulk = bulkBar(context, this.rows, () => seenIn(context).tags, () => {
      this.view.pick(false);
      this.view.focus();
    });
    this.toolbar.choices.after(bulk.node);
    this.view = new ListView(context, this.toolbar, this.rows, bulk.results, { more: () => this.load("more"), clear: () => this.clear() });
    this.node = this.view.node;
    this.listenToAll();

    history.replaceState(null, "", linksHash(context.org.id, filters));
    this.toolbar.show(filters, seenIn(context));
    if (!returns) {
      this.load("first");
      return;
    }
    this.update();
    // Runs after the screen has been inserted into the page.
    queueMicrotask(() => {
      scrollTo(0, this.state.scroll);
      this.rows.focus(this.rows.current);
    });
    // A ranking is not reloaded, because its rows would move while the reader returns to them.
    if (!this.state.ranking) this.load("refresh");
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
    rows.list.addEventListener("selection", () => this.view.showSelection(), options);
    takePastes({ url: (url) => this.create({ url }), text: (text) => this.filter({ ...this.state.filters, q: text, sort: "" }) }, signal);
    addListKeys(context, rows, {
      find: () => {
        this.toolbar.search.focus();
        this.toolbar.search.select();
      },
      leave: () => (rows.selected.size > 0 ? rows.selectOnly([]) : this.clear()),
    }, signal);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && Date.now() - this.loadedAt > STALE && !this.node.ariaBusy) this.load(this.state.ranking ? "first" : "refresh");
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
    const note = changedOrder(this.state.filters, filters);
    if (note) toast(note);
    this.state.filters = filters;
    history.replaceState(null, "", linksHash(org.id, { ...filters, q: filters.q.trim() }));
    rememberFilters(org.id, filters);
    if (isSame) return;
    this.toolbar.show(filters, seenIn(this.context));
    this.rows.selectOnly([]);
    this.loaded = this.load("first");
  }

  clear() {
    this.filter(NO_FILTERS);
    this.toolbar.search.value = "";
  }

  /** Handles Enter in the search field: moves to the first result or, if nothing was found, opens the form for a new link. */
  async enter() {
    await this.loaded;
    const first = this.state.model.links[0];
    if (first) this.rows.focus(first.birth);
    else if (this.state.filters.q.trim() && !this.node.ariaBusy) this.create(proposalOf(this.state.filters));
  }

  /** @param {string} birth */
  remove(birth) {
    const row = this.rows.shown.get(birth)?.row;
    const neighbour = row && (rowAfter(row) ?? rowBefore(row));
    const wasCurrent = this.rows.current === birth;
    this.update();
    if (wasCurrent && document.activeElement === document.body) this.view.focus(neighbour?.getAttribute("data-birth") ?? "");
  }

  /**
   * Loads the first page for new filters ("first"), the first page again ("refresh"), or the next page ("more"). Cancels earlier
   * requests.
   * @param {"first" | "refresh" | "more"} kind
   */
  async load(kind) {
    // Until the first response arrives, the page shows the list for the previous filters. That list's cursor is not valid for the
    // new filters.
    if (kind !== "first" && this.isChanging) return;
    this.isChanging = kind === "first";
    this.loading.abort();
    const own = (this.loading = new AbortController());
    const signal = AbortSignal.any([this.signal, own.signal]);
    const { org } = this.context;
    const { filters } = this.state;
    const model = kind === "first" ? new LinkList() : this.state.model;
    let ranking = kind === "first" ? null : this.state.ranking;
    if (kind !== "refresh") this.view.wait(this.state.model.isLoaded, own.signal);
    try {
      let found = 0;
      for (let request = 1; ; request++) {
        if (filters.sort && !ranking) ranking = await askRanking(org.id, Number(filters.sort), signal);
        const query = { limit: kind === "refresh" ? PAGE : PAGE - found, include: "clicks", ...parametersOf(filters), cursor: kind === "refresh" ? null : model.cursor };
        const body = ranking ? await askRanked(org.id, ranking, model.cursor, signal) : (await callApi("GET", linkPath(org.id), { query, signal })).body;
        // The request may have been cancelled while its response was being read.
        signal.throwIfAborted();
        if (body.short_base) noteShortBase(org.id, body.short_base);
        this.loadedAt = Date.now();
        seenIn(this.context, body.data);
        // If a page is short but not the last page, the API stopped at its read limit. Such a page does not show
        // whether the links in the list still exist.
        const isCut = body.next_cursor !== null && body.data.length < PAGE;
        if (kind === "refresh" && !isCut) model.refresh(body, Date.now());
        const added = kind === "refresh" ? [] : model.append(body, Date.now());
        if (kind === "first" && request === 1) this.begin(model, ranking, body.short_base);
        this.isChanging = false;
        if (kind !== "more" && request === 1) this.rows.show(model.links);
        else this.rows.append(added);
        if (kind === "more" && found === 0 && added[0]) this.rows.focus(added[0].birth);
        found += added.length;
        const goesOn = kind !== "refresh" && model.cursor !== null && found < PAGE && request < SEARCH_REQUESTS;
        this.render(goesOn);
        if (!goesOn) break;
      }
      if (kind === "first" && isFiltered(filters)) this.view.announce();
      // The button that the reader pressed has been replaced, so the focus moves to the new one.
      if (kind === "more" && found === 0) (this.view.foot.querySelector("button") ?? this.toolbar.search).focus();
    } catch (error) {
      if (isAborted(error)) return;
      this.view.fail(error, () => this.load(kind), kind === "more");
    }
    own.abort();
    this.isChanging = false;
    this.state.isOutdated = false;
    this.node.ariaBusy = null;
  }

  /**
   * Replaces the list with another one.
   * @param {LinkList} model
   * @param {import("./ranking.js").Ranking | null} ranking
   * @param {string} shortBase The beginning of the short URLs; empty if the response does not include it.
   */
  begin(model, ranking, shortBase) {
    Object.assign(this.state, { model, ranking });
    if (this.firstRun || !isFirstRun(this.context, shortBase)) return;
    this.firstRun = firstRunCard(this.context, () => {
      this.render();
      this.view.focus();
    }, this.signal);
    this.toolbar.node.before(this.firstRun.card);
    if (model.links.length > 0 && !isFiltered(this.state.filters)) this.firstRun.created();
  }

  /** Shows the current state of the list. */
  update() {
    this.rows.show(this.state.model.links);
    this.render();
  }

  /** Shows everything around the rows. @param {boolean} [isSearching] */
  render(isSearching) {
    if (this.state.model.isLoaded) this.view.show(this.state, { hasField: this.firstRun?.card.isConnected ?? false, isSearching });
  }
}
