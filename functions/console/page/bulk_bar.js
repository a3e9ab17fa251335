import { callApi, etagOf, linkPath, Problem } from "./api.js";
import { forEachLink, outcome } from "./bulk.js";
import { report } from "./bus.js";
import { confirmed, openDialog } from "./dialog.js";
import { announce, h } from "./dom.js";
import { creatorOf, mayChange } from "./people.js";
import { count, counted, foldedTag } from "./text.js";
import { toast } from "./toast.js";

/**
 * @typedef {import("api").Link} Link
 * @typedef {import("./context.js").Context} Context
 */

/** The maximum number of links that a confirmation lists by name. */
const MAX_NAMED = 5;

/**
 * The bar for selected links. It replaces the filters while any link is selected.
 * @param {Context} context
 * @param {import("./rows.js").Rows} rows
 * @param {() => Iterable<string>} seenTags
 * @param {() => void} left Called when the selection is over and the bar, which had the focus, is hidden.
 */
export function bulkBar(context, rows, seenTags, left) {
  const words = h("span", { class: "selected-count" });
  const button = (/** @type {string} */ label, /** @type {() => void} */ run, kind = "") => h("button", { class: `button ${kind}`, type: "button", onclick: run }, label);
  const tag = button("Tag", () => tagSelected());
  const onOff = button("Switch off", () => switchSelected());
  const remove = button("Delete", () => deleteSelected());
  const clear = button("Clear", () => {
    if (stop) return stop.abort();
    rows.selectOnly([]);
    left();
  });
  const node = h("div", { class: "bulk", role: "group", "aria-label": "Selected links", hidden: true }, words, tag, onOff, remove, clear);
  const results = h("div", { class: "card results", role: "group", "aria-label": "What was done", tabindex: "-1", hidden: true });
  /** Set while links are being changed. @type {AbortController | null} */
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
   * @param {string} doing What is being done, such as "Switching off".
   * @param {string} did What was done, such as "switched off".
   * @param {(link: Link) => Promise<unknown>} work
   */
  const run = async (doing, did, work) => {
    const links = rows.selection;
    const running = (stop = new AbortController());
    const buttons = [tag, onOff, remove];
    for (const each of buttons) each.disabled = true;
    clear.textContent = "Stop";
    clear.focus();
    const progress = (/** @type {number} */ over) => (words.textContent = `${doing}: ${count(over)} of ${count(links.length)}`);
    progress(0);
    announce(`${doing} ${counted(links.length, "link")}.`);
    const { done, refused } = await forEachLink(links, async (link) => {
      if (!mayChange(link, context.session)) throw new Problem(403, null);
      await work(link);
    }, { progress, isStopped: () => running.signal.aborted, reason: (link, error) => reasonOf(link, error, context.session.user_id) });
    stop = null;
    for (const each of buttons) each.disabled = false;
    clear.textContent = "Clear";
    const over = new Set(done.map(({ birth }) => birth));
    rows.selectOnly(links.filter(({ birth }) => !over.has(birth)).map(({ birth }) => birth));
    const sentence = outcome(did, done.length, refused.length);
    if (refused.length === 0) {
      toast(sentence);
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
      close);
    results.hidden = false;
    results.focus();
    announce(`${sentence} ${refused.map(({ reason }) => reason).join(" ")}`);
  };

  /** @param {Link} link @param {object} edit */
  const change = async (link, edit) => {
    const { body } = await callApi("PATCH", linkPath(link.org_id, link.id), { body: edit, ifMatch: etagOf(link) });
    report("link-changed", body);
  };
  const switchSelected = () => {
    const enabled = allAreOff(rows.selection);
    const to = enabled ? "on" : "off";
    run(`Switching ${to}`, `switched ${to}`, (link) => (link.enabled === enabled ? Promise.resolve() : change(link, { enabled })));
  };
  const deleteSelected = async () => {
    const selected = rows.selection;
    const links = selected.filter((link) => mayChange(link, context.session));
    const names = links.slice(0, MAX_NAMED).map(({ id }) => `/${id}`).join(", ");
    const others = links.length > MAX_NAMED ? ` and ${links.length - MAX_NAMED} more` : "";
    const stay = selected.length > links.length ? ` The other ${count(selected.length - links.length)} are not yours and stay.` : "";
    // Links in a ranking do not include their total clicks.
    const clicks = links.reduce((sum, link) => sum + (link.clicks ?? NaN), 0);
    const them = links.length === 1 ? "It stops" : "They stop";
    const lost = clicks === 0 ? "" : ` and ${clicks > 0 ? counted(clicks, "click") : "their clicks"} ${clicks === 1 ? "is" : "are"} lost`;
    const sentence = `${names}${others}. ${them} working now${lost}.${stay}`;
    if (links.length > 0 && !(await confirmed(`Delete ${counted(links.length, "link")}?`, sentence, `Delete ${counted(links.length, "link")}`))) return;
    run("Deleting", "deleted", async (link) => {
      await callApi("DELETE", linkPath(link.org_id, link.id), { ifMatch: etagOf(link) });
      report("link-deleted", link);
    });
  };
  const tagSelected = async () => {
    const chosen = await askForTag(rows.selection, seenTags());
    if (!chosen) return;
    const { tag: name, adds } = chosen;
    run(adds ? "Tagging" : "Removing the tag", adds ? "tagged" : "untagged", (link) => {
      if (link.tags.includes(name) === adds) return Promise.resolve();
      return change(link, { tags: adds ? [...link.tags, name] : link.tags.filter((other) => other !== name) });
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
  const field = h("input", { id: "bulk-tag", list: "seen-tags", autocomplete: "off", autocapitalize: "off", maxlength: "32", required: true, autofocus: true,
    oninput: () => (field.value = foldedTag(field.value)) });
  const value = await openDialog(`Tag ${counted(links.length, "link")}`, (dialog) => [
    h("form", { method: "dialog", onsubmit: (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      dialog.close(event.submitter?.getAttribute("value") ?? "add");
    } },
    h("div", { class: "field" }, h("label", { for: "bulk-tag" }, "Tag"), field),
    h("datalist", { id: "seen-tags" }, [...seen].map((tag) => h("option", { value: tag }))),
    h("div", { class: "actions" },
      h("button", { class: "button", type: "button", onclick: () => dialog.close("") }, "Cancel"),
      tagged && h("button", { class: "button", value: "remove" }, "Remove tag"),
      h("button", { class: "button primary", value: "add" }, "Add tag"))),
  ]);
  return value && field.value ? { tag: field.value, adds: value === "add" } : null;
}

/**
 * @param {Link} link
 * @param {unknown} error
 * @param {string} reader
 */
function reasonOf(link, error, reader) {
  const name = `/${link.id}`;
  if (!(error instanceof Problem)) return `${name}: ${error instanceof Error ? error.message : error}`;
  if (error.status === 403) return `${name} belongs to ${creatorOf(link, reader)}.`;
  if (error.status === 404) return `${name} is deleted already.`;
  if (error.status === 412) return `${name} was changed in the meantime.`;
  return `${name}: ${error.errors[0]?.message ?? error.message}`;
}
