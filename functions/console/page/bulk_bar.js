import { Problem, wordsOf } from "./api.js";
import { forEachLink, outcome } from "./bulk.js";
import { changeLink, removeLink, reverseOf, revert } from "./changes.js";
import { ask } from "./dialog.js";
import { announce, h } from "./dom.js";
import { fieldOf } from "./fields.js";
import { askHandOver } from "./hand_over.js";
import { button } from "./parts.js";
import { creatorOf, mayChange } from "./people.js";
import { count, counted, foldedTag } from "./text.js";
import { toast } from "./toast.js";

/**
 * @typedef {import("api").Link} Link
 * @typedef {import("./context.js").Context} Context
 */

/**
 * The bar for selected links. It replaces the filters while any link is selected.
 * @param {Context} context
 * @param {import("./rows.js").Rows} rows
 * @param {() => Iterable<string>} seenTags
 * @param {() => void} left Called when the selection ends. The bar had the focus, and is now hidden.
 */
export function bulkBar(context, rows, seenTags, left) {
  const words = h("span", { class: "selected-count" });
  const tag = button("Tag", () => tagSelected());
  const onOff = button("Switch off", () => switchSelected());
  const remove = button("Delete", () => deleteSelected());
  const give = button("Hand over", () => handOverSelected());
  const buttons = [tag, onOff, ...(context.org.manages_all_links ? [give] : []), remove];
  const clear = button("Clear", () => {
    if (stop) return stop.abort();
    rows.selectOnly([]);
    left();
  });
  const node = h("div", { class: "bulk", role: "group", "aria-label": "Selected links", hidden: true }, words, buttons, clear);
  const results = h("div", { class: "card results", role: "group", "aria-label": "What was done", tabindex: "-1", hidden: true });
  /** Null unless links are being changed. @type {AbortController | null} */
  let stop = null;

  const show = () => {
    if (stop) return;
    const selection = rows.selection;
    node.hidden = selection.length === 0;
    words.textContent = `${count(selection.length)} selected`;
    onOff.textContent = allAreOff(selection) ? "Switch on" : "Switch off";
  };
  rows.list.addEventListener("selection", () => {
    show();
    results.hidden = true;
  });

  /**
   * @param {string} doing Such as "Switching off".
   * @param {string} did Such as "switched off".
   * @param {(link: Link) => Promise<string>} work Returns the id of the change's record; empty if nothing changed.
   * @param {{ links?: Link[], effect?: import("./changes.js").Effect }} [options] `effect`: what undoing the change does.
   */
  const run = async (doing, did, work, { links = rows.selection, effect = "link-changed" } = {}) => {
    const running = (stop = new AbortController());
    /** The id of each link's change record, keyed by the link's birth. @type {Map<string, string>} */
    const changes = new Map();
    for (const each of buttons) each.disabled = true;
    clear.textContent = "Stop";
    clear.focus();
    const progress = (/** @type {number} */ over) => (words.textContent = `${doing}: ${count(over)} of ${count(links.length)}`);
    progress(0);
    announce(`${doing} ${counted(links.length, "link")}.`);
    const { done, refused } = await forEachLink(links, async (link) => {
      if (!mayChange(link, context.session)) throw new Problem(403, null);
      const change = await work(link);
      if (change) changes.set(link.birth, change);
    }, { progress, isStopped: () => running.signal.aborted, reason: (link, error) => reasonOf(link, error, context.session.user_id) });
    stop = null;
    for (const each of buttons) each.disabled = false;
    clear.textContent = "Clear";
    const over = new Set(done.map(({ birth }) => birth));
    rows.selectOnly(links.map(({ birth }) => birth).filter((birth) => rows.shown.has(birth) && !over.has(birth)));
    const sentence = outcome(did, done.length, refused.length);
    const changed = done.filter(({ birth }) => changes.has(birth));
    const undo = changed.length > 0 ? () => run("Undoing", "undone",
      async (link) => (await revert(link, changes.get(link.birth) ?? "", effect)).change, { links: changed, effect: reverseOf(effect) }) : null;
    // The reader may have left the list.
    if (refused.length === 0 || !node.isConnected) {
      toast(sentence, undo);
      return left();
    }
    const close = button("Close", () => {
      results.hidden = true;
      clear.focus();
    });
    results.replaceChildren(
      h("div", null,
        h("p", null, sentence, refused.length === 1 && ` ${refused[0]?.reason}`),
        refused.length > 1 && h("ul", null, refused.map(({ reason }) => h("li", null, reason)))),
      undo ? button("Undo", undo) : "", close);
    results.hidden = false;
    results.focus();
    announce(`${sentence} ${refused.map(({ reason }) => reason).join(" ")}`);
  };

  const switchSelected = () => {
    const enabled = allAreOff(rows.selection);
    const to = enabled ? "on" : "off";
    run(`Switching ${to}`, `switched ${to}`, (link) => changeLink(link, { enabled }));
  };
  const deleteSelected = () => run("Deleting", "deleted", removeLink, { effect: "link-created" });

  const handOverSelected = async () => {
    try {
      const chosen = await askHandOver(context, rows.selection, true);
      if (chosen) run("Handing over", "handed over", (link) => changeLink(link, { creator_user_id: chosen.to }), { links: chosen.links });
    } catch (error) {
      toast(wordsOf(error));
    }
  };

  const tagSelected = async () => {
    const chosen = await askForTag(rows.selection, seenTags());
    if (!chosen) return;
    const { tag: name, adds } = chosen;
    run(adds ? "Tagging" : "Removing the tag", adds ? "tagged" : "untagged", async (link) => {
      if (link.tags.includes(name) === adds) return "";
      return changeLink(link, { tags: adds ? [...link.tags, name] : link.tags.filter((other) => other !== name) });
    });
  };
  return { node, results, show };
}

/** @param {Link[]} links */
function allAreOff(links) {
  return links.length > 0 && links.every(({ enabled }) => !enabled);
}

/**
 * Asks the reader for a tag, and whether to add it to the links or to remove it from them.
 * @param {Link[]} links
 * @param {Iterable<string>} seen
 * @returns {Promise<{ tag: string, adds: boolean } | null>}
 */
async function askForTag(links, seen) {
  const tagged = links.some(({ tags }) => tags.length > 0);
  const field = h("input", { list: "seen-tags", autocomplete: "off", autocapitalize: "off", maxlength: "32", required: true, autofocus: true,
    oninput: () => (field.value = foldedTag(field.value)) });
  const value = await ask(`Tag ${counted(links.length, "link")}`, [
    fieldOf("Tag", field).node,
    h("datalist", { id: "seen-tags" }, [...seen].map((tag) => h("option", { value: tag }))),
  ], [["", "Cancel"], ...(tagged ? [/** @type {[string, string]} */ (["remove", "Remove tag"])] : []), ["add", "Add tag"]]);
  return value && field.value ? { tag: field.value, adds: value === "add" } : null;
}

/**
 * @param {Link} link
 * @param {unknown} error
 * @param {string} reader
 */
function reasonOf(link, error, reader) {
  const name = `/${link.id}`;
  const status = error instanceof Problem && error.status;
  if (status === 403) return `${name} belongs to ${creatorOf(link, reader)}.`;
  if (status === 404) return `${name} is deleted already.`;
  if (status === 412) return `${name} was changed in the meantime.`;
  return `${name}: ${wordsOf(error)}`;
}
