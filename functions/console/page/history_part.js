import { callApi, historyPath, isAborted } from "./api.js";
import { listen } from "./bus.js";
import { undoOf } from "./changes.js";
import { h, icon } from "./dom.js";
import { differencesOf, effectOf, isKept, verbOf } from "./history.js";
import { seenIn } from "./kept_lists.js";
import { age, button, failure, hidden } from "./parts.js";
import { nameOfUser } from "./people.js";
import { linkHash } from "./routes.js";
import { fullTime } from "./time.js";

/** @typedef {import("./history.js").Change} Change */

/** How many further requests are sent automatically if no response so far contains a change to show. */
const HISTORY_REQUESTS = 5;

/**
 * A list of changes, newest first. It is loaded again when a link is created, changed or deleted on this page.
 * @param {import("./context.js").Context} context
 * @param {object} source
 * @param {() => Record<string, string>} source.query The query parameters for the API: `link`, `change`, `creator`.
 * @param {(change: Change) => boolean} [source.shows] Which changes are shown; all by default.
 * @param {string} [source.empty] What an empty list says.
 * @param {(isEmpty: boolean) => void} [source.loaded] Called after each response.
 * @param {AbortSignal} signal
 */
export function historyPart({ org, session }, { query, shows = () => true, empty = "No changes.", loaded }, signal) {
  const isOfLink = "link" in query();
  const list = h("ol", { class: "history" });
  const foot = h("div", { class: "foot quiet" });
  const part = h("div", null, list, foot);
  const { creators } = seenIn({ org, session });
  let loading = new AbortController();

  const nameOf = (/** @type {string} */ user, /** @type {string | null} */ name) => creators.get(user) ?? nameOfUser(user, name, session.user_id);

  const entryOf = (/** @type {Change} */ change, /** @type {Date} */ now) => {
    const { id, link, can_undo, undone_by, impersonator } = change;
    const effect = effectOf(change);
    // A disabled button would lose the focus.
    let isRunning = false;
    const run = async () => {
      if (isRunning) return;
      isRunning = true;
      await undoOf({ org_id: org.id }, id, effect)?.();
      isRunning = false;
    };
    const undo = button(effect === "link-created" ? "Bring back" : "Undo", run);
    undo.append(hidden(` /${link.id}`));
    const whyNot = undone_by ? "Undone" : change.change === "delete" && !isKept(change, now.getTime()) ? "Too old to bring back" : "";
    return h("li", { tabindex: "-1", "data-id": id },
      h("div", null,
        h("p", null, h("strong", null, nameOf(change.user_id, change.user_name)), impersonator && ` (${impersonator})`, ` ${verbOf(change)} `,
          isOfLink ? "this link" : h("a", { href: linkHash(org.id, link.id) }, `/${link.id}`), " ", age(change.at, now)),
        differencesOf(change, nameOf, fullTime).map(({ name, before, after }) => h("p", { class: "quiet" }, `${name}: `,
          before && [hidden("from "), h("del", null, before)], before && after && [icon("arrow"), hidden(" to ")], after && h("ins", null, after)))),
      // A creation has no Undo button, because undoing a creation deletes the link. Links have their own delete button.
      can_undo && effect !== "link-deleted" ? undo : h("span", { class: "quiet" }, whyNot));
  };

  const load = async (/** @type {string | null} */ start = null) => {
    loading.abort();
    loading = new AbortController();
    const until = AbortSignal.any([signal, loading.signal]);
    part.ariaBusy = "true";
    try {
      /** @type {HTMLElement[]} */
      const added = [];
      let cursor = start;
      for (let request = 1; ; request++) {
        const { body } = await callApi("GET", historyPath(org.id), { query: { ...query(), cursor }, signal: until });
        const now = new Date();
        for (const change of /** @type {Change[]} */ (body.data)) {
          if (!creators.has(change.user_id) && change.user_name) creators.set(change.user_id, change.user_name);
          if (shows(change)) added.push(entryOf(change, now));
        }
        cursor = body.next_cursor;
        if (!cursor || added.length > 0 || request === HISTORY_REQUESTS) break;
      }
      put(added, start !== null);
      const next = cursor;
      foot.replaceChildren(...(next ? [button("Show more", () => load(next))] : list.childElementCount > 0 ? [] : [empty]));
      loaded?.(list.childElementCount === 0);
    } catch (error) {
      if (isAborted(error)) return;
      foot.replaceChildren(...failure(error, () => load(start)));
    }
    part.ariaBusy = null;
  };

  /** Keeps the focus on the focused entry of the list. If that entry is gone, focuses the entry in its place. */
  const put = (/** @type {HTMLElement[]} */ entries, /** @type {boolean} */ isMore) => {
    if (isMore) {
      list.append(...entries);
      return entries[0]?.focus();
    }
    const at = [...list.children].findIndex((entry) => entry.contains(document.activeElement));
    const id = list.children[at]?.getAttribute("data-id");
    list.replaceChildren(...entries);
    if (at < 0) return;
    (entries.find((entry) => entry.dataset.id === id) ?? entries[at] ?? entries.at(-1) ?? document.querySelector("h1"))?.focus();
  };

  for (const kind of /** @type {const} */ (["link-created", "link-changed", "link-deleted"])) listen(kind, () => load(), signal);
  load();
  return { element: part, load: () => load() };
}
