import { callApi, isAborted, linkPath } from "./api.js";
import { bulkBar } from "./bulk_bar.js";
import { listen } from "./bus.js";
import { copyUrl } from "./copy.js";
import { proposalOf } from "./empty.js";
import { changedOrder, filtersOf, isFiltered, isMatch, isSameFilter, NO_FILTERS, parametersOf, rememberedFilters, rememberFilters } from "./filters.js";
import { firstRunCard, isFirstRun } from "./first_run.js";
import { openLinkForm } from "./form.js";
import { isKept } from "./history.js";
import { historyPart } from "./history_part.js";
import { keptList, newList, seenIn } from "./kept_lists.js";
import { LinkList } from "./link_list.js";
import { addListKeys } from "./list_keys.js";
import { listView, PAGE } from "./list_view.js";
import { takePastes } from "./paste.js";
import { askRanked, askRanking } from "./ranked.js";
import { linksHash } from "./routes.js";
import { rowAfter, rowBefore } from "./rows.js";
import { noteShortBase } from "./short_base.js";
import { toast } from "./toast.js";
import { listToolbar } from "./toolbar.js";

/** The maximum number of requests that a search sends for one page of links, before the reader must ask for more. */
const SEARCH_REQUESTS = 5;
/** The maximum age of a list when the reader returns to the tab, in milliseconds. An older list is reloaded. */
const STALE = 60_000;

/** The organization's links. @type {import("./main.js").Screen} */
export function showLinks(context, route, signal) {
  const { org } = context;
  const options = { signal };
  const named = filtersOf(route.query);
  const kept = keptList(org.id);
  const wanted = isFiltered(named) ? named : (kept?.filters ?? rememberedFilters(org.id));
  const returns = kept !== undefined && kept.model.isLoaded && !kept.isOutdated && isSameFilter(kept.filters, wanted);
  const state = returns ? kept : newList(context, wanted);
  const { rows } = state;
  let loading = new AbortController();
  let loadedAt = 0;
  /** Whether the filters have changed and the first response for the new filters is still pending. */
  let isChanging = false;
  /** The first response for the current filters. @type {Promise<void>} */
  let loaded = Promise.resolve();
  /** @type {ReturnType<typeof firstRunCard> | null} */
  let firstRun = null;

  /** @param {{ url?: string, shortName?: string }} start */
  const create = (start) => openLinkForm(context, start);

  /** @param {import("./filters.js").Filters} filters */
  const filter = (filters) => {
    const isSame = isSameFilter(filters, state.filters);
    const note = changedOrder(state.filters, filters);
    if (note) toast(note);
    state.filters = filters;
    history.replaceState(null, "", linksHash(org.id, { ...filters, q: filters.q.trim() }));
    rememberFilters(org.id, filters);
    if (isSame) return;
    toolbar.show(filters, seenIn(context));
    rows.selectOnly([]);
    loaded = load("first");
  };

  const clear = () => {
    filter(NO_FILTERS);
    toolbar.search.value = "";
  };

  /** Enter in the search field: moves the focus to the first result, or opens the form for a new link. */
  const enter = async () => {
    await loaded;
    const first = state.model.links[0];
    if (first) rows.focus(first.birth);
    else if (state.model.isLoaded && state.filters.q.trim() && !view.node.ariaBusy) create(proposalOf(state.filters));
  };

  /** @param {string} birth */
  const remove = (birth) => {
    const row = rows.shown.get(birth)?.row;
    const neighbour = row && (rowAfter(row) ?? rowBefore(row));
    const wasCurrent = rows.current === birth;
    update();
    if (wasCurrent && document.activeElement === document.body) view.focus(neighbour?.getAttribute("data-birth") ?? "");
  };

  /**
   * Loads the first page for new filters ("first"), the first page again ("refresh"), or the next page ("more"). Cancels earlier
   * requests.
   * @param {"first" | "refresh" | "more"} kind
   */
  const load = async (kind) => {
    // Until the first response, the page still shows the old filters' list, whose cursor is invalid for the new list.
    if (kind !== "first" && (isChanging || state.filters.state === "deleted")) return;
    isChanging = kind === "first";
    loading.abort();
    const own = (loading = new AbortController());
    const until = AbortSignal.any([signal, own.signal]);
    const { filters } = state;
    if (filters.state === "deleted") return showDeleted(until);
    const model = kind === "first" ? new LinkList() : state.model;
    let ranking = kind === "first" ? null : state.ranking;
    if (kind !== "refresh") view.wait(state.model.isLoaded, own.signal);
    try {
      let found = 0;
      for (let request = 1; ; request++) {
        if (filters.sort && !ranking) ranking = await askRanking(org.id, Number(filters.sort), until);
        const query = { limit: kind === "refresh" ? PAGE : PAGE - found, include: "clicks", ...parametersOf(filters), cursor: kind === "refresh" ? null : model.cursor };
        const body = ranking ? await askRanked(org.id, ranking, model.cursor, until) : (await callApi("GET", linkPath(org.id), { query, signal: until })).body;
        // If a request is aborted, `askRanked` does not throw.
        until.throwIfAborted();
        if (body.short_base) noteShortBase(org.id, body.short_base);
        loadedAt = Date.now();
        seenIn(context, body.data);
        // If a page is short although more pages follow, the API stopped at its read limit. A link that is missing from
        // such a page may still exist.
        const isCut = body.next_cursor !== null && body.data.length < PAGE;
        if (kind === "refresh" && !isCut) model.refresh(body, Date.now());
        const added = kind === "refresh" ? [] : model.append(body, Date.now());
        if (kind === "first" && request === 1) begin(model, ranking, body.short_base);
        isChanging = false;
        if (kind !== "more" && request === 1) rows.show(model.links);
        else rows.append(added);
        if (kind === "more" && found === 0 && added[0]) rows.focus(added[0].birth);
        found += added.length;
        const goesOn = kind !== "refresh" && model.cursor !== null && found < PAGE && request < SEARCH_REQUESTS;
        render(goesOn);
        if (!goesOn) break;
      }
      if (kind === "first" && isFiltered(filters)) view.announce();
      // The pressed button has been replaced.
      if (kind === "more" && found === 0) (view.foot.querySelector("button") ?? toolbar.search).focus();
    } catch (error) {
      if (isAborted(error)) return;
      view.fail(error, () => load(kind), kind === "more");
    }
    own.abort();
    isChanging = false;
    state.isOutdated = false;
    view.node.ariaBusy = null;
  };

  /**
   * Shows deleted links instead of the list.
   * @param {AbortSignal} until
   */
  const showDeleted = (until) => {
    const { filters } = state;
    state.model = new LinkList();
    rows.show([]);
    isChanging = false;
    view.node.ariaBusy = null;
    const { element } = historyPart(context, {
      query: () => ({ change: "delete" }),
      shows: (change) => isKept(change, Date.now()) && isMatch(change.before ?? {}, filters),
      empty: "No links were deleted in the last 30 days.",
    }, until);
    view.showDeleted(element);
  };

  /**
   * Replaces the list with another one.
   * @param {LinkList} model
   * @param {import("./ranking.js").Ranking | null} ranking
   * @param {string} shortBase The beginning of the short URLs; empty if the response does not include it.
   */
  const begin = (model, ranking, shortBase) => {
    Object.assign(state, { model, ranking });
    if (firstRun || !isFirstRun(context, shortBase)) return;
    firstRun = firstRunCard(context, () => {
      render();
      view.focus();
    }, signal);
    toolbar.node.before(firstRun.card);
    if (model.links.length > 0 && !isFiltered(state.filters)) firstRun.created();
  };

  /** Shows the current state of the list. */
  const update = () => {
    rows.show(state.model.links);
    render();
  };

  /** Shows the parts of the page that surround the rows. @param {boolean} [isSearching] */
  const render = (isSearching) => {
    if (state.model.isLoaded) view.show(state, { hasField: firstRun?.card.isConnected ?? false, isSearching });
  };

  const toolbar = listToolbar({ change: filter, create: () => create({}), enter, select: () => view.pick() });
  const bulk = bulkBar(context, rows, () => seenIn(context).tags, () => {
    view.pick(false);
    view.focus();
  });
  toolbar.choices.after(bulk.node);
  const view = listView(context, toolbar, rows, bulk.results, { more: () => load("more"), clear });

  listen("link-created", (link) => {
    if (link.org_id !== org.id) return;
    update();
    rows.tint(link.birth);
    // If a link that is reported as created has a version above 1, it was restored.
    if (link.version > 1) rows.focus(link.birth);
    firstRun?.created();
  }, signal);
  listen("link-changed", () => update(), signal);
  listen("link-deleted", (link) => remove(link.birth), signal);
  listen("handle-changed", () => load("first"), signal);
  rows.list.addEventListener("copy-link", (event) => {
    const shown = rows.shown.get(/** @type {CustomEvent} */ (event).detail);
    if (shown) copyUrl(shown.link.short_url);
  }, options);
  rows.list.addEventListener("selection", () => view.showSelection(), options);
  takePastes({ url: (url) => create({ url }), text: (text) => filter({ ...state.filters, q: text, sort: "" }) }, signal);
  addListKeys(context, rows, {
    find: () => {
      toolbar.search.focus();
      toolbar.search.select();
    },
    leave: () => (rows.selected.size > 0 ? rows.selectOnly([]) : clear()),
  }, signal);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - loadedAt > STALE && !view.node.ariaBusy) load(state.ranking ? "first" : "refresh");
  }, options);
  signal.addEventListener("abort", () => {
    state.scroll = scrollY;
    rows.selectOnly([]);
  });

  history.replaceState(null, "", linksHash(org.id, wanted));
  toolbar.show(wanted, seenIn(context));
  if (returns) {
    update();
    // Wait until the screen is inserted.
    queueMicrotask(() => {
      scrollTo(0, state.scroll);
      rows.focus(rows.current);
    });
  }
  // A ranked list is not loaded again when the reader returns to it, because a new ranking would move its rows.
  if (!returns) load("first");
  else if (!state.ranking) load("refresh");
  return view.node;
}
