import { callApi, etagOf, isAborted, linkPath, wordsOf } from "./api.js";
import { forEachLink, outcome } from "./bulk.js";
import { confirmed } from "./dialog.js";
import { announce, h } from "./dom.js";
import { download, today } from "./download.js";
import { sendRows } from "./import_api.js";
import { groupOf, importRows, newRows, reportOf } from "./import_rows.js";
import { button } from "./parts.js";
import { progressBar } from "./progress_bar.js";
import { linksHash } from "./routes.js";
import { count, counted } from "./text.js";

/**
 * @typedef {import("./import_rows.js").Row} Row
 * @typedef {import("api").Link} Link
 */

/** The maximum number of links in one request for a list. */
const PAGE = 100;

/**
 * The part of a plan that imports its rows: the button, the progress, and what can be done afterwards.
 * @param {import("./context.js").Context} context
 * @param {{ name: string, rows: Row[], changed: () => void, startAgain: () => void }} plan `changed` is called when rows have changed.
 * @param {AbortSignal} signal
 */
export function runPart({ org }, { name, rows, changed, startAgain }, signal) {
  /** The tag of the links, which the first response contains. */
  let tag = "";
  let isPaused = false;
  let isRunning = false;
  /** Set while the import is undone. @type {AbortController | null} */
  let undoing = null;
  const bar = progressBar("Import");
  const sentence = h("p", { class: "outcome", tabindex: "-1" });
  const actions = h("div", { class: "choices" });

  const pause = button("Pause", () => {
    isPaused = true;
    pause.disabled = true;
  });
  const start = button("", () => run(), "primary");
  const again = button("Choose another file", startAgain);
  const report = button("Download report", () =>
    download(`import-${today()}.csv`, new Blob([reportOf(rows)], { type: "text/csv" })));
  const undo = button("Undo this import", () => undoAll(), "danger");
  const stop = button("Stop", () => undoing?.abort());

  // Closing the tab stops the import. The same file can then be imported again: this page recognizes the rows that are
  // already imported.
  addEventListener("beforeunload", (event) => (isRunning || undoing) && event.preventDefault(), { signal });

  const show = () => {
    if (isRunning || undoing) return;
    const left = newRows(rows).length;
    const isStarted = tag !== "";
    start.textContent = isStarted && isPaused ? `Resume with ${counted(left, "link")}` : `Import ${counted(left, "link")}`;
    start.hidden = left === 0;
    const see = h("a", { class: "button", href: `/${linksHash(org.id, { tag })}` }, "See the links");
    actions.replaceChildren(start, ...(isStarted ? [see, report, undo] : [report]), again);
  };

  const run = async () => {
    const chosen = newRows(rows);
    isPaused = false;
    isRunning = true;
    pause.disabled = false;
    sentence.textContent = "";
    actions.replaceChildren(pause);
    pause.focus();
    changed();
    bar.set("Imported", 0, chosen.length);
    announce(`Importing ${counted(chosen.length, "link")}.`);
    let fault = "";
    try {
      await importRows(chosen, async (lines) => {
        const body = await sendRows(org.id, new Blob([lines]), { format: "plain", import: tag }, signal);
        tag = body.import ?? tag;
        return body;
      }, () => isPaused, (done) => {
        bar.set("Imported", done, chosen.length);
        changed();
      });
    } catch (error) {
      if (isAborted(error)) return;
      fault = wordsOf(error);
    }
    isRunning = false;
    say(fault || summary(), fault !== "");
  };

  /** Says what happened, and offers what can be done next. */
  const say = (/** @type {string} */ words, isFault = false) => {
    changed();
    show();
    if (!isPaused || isFault) bar.hide();
    sentence.textContent = words;
    sentence.classList.toggle("fault", isFault);
    announce(words);
    (start.hidden ? sentence : start).focus();
  };

  const summary = () => {
    const number = (/** @type {string} */ result) => rows.filter((row) => row.isDone && groupOf(row) === result).length;
    const parts = [`${counted(number("created"), "link")} imported`, ...[
      ["exists", "already here"], ["conflict", "in conflict"], ["skipped", "left out"], ["refused", "refused"],
    ].flatMap(([result = "", words]) => (number(result) > 0 ? [`${count(number(result))} ${words}`] : []))];
    return `${isPaused && newRows(rows).length > 0 ? "Paused: " : ""}${parts.join(", ")}.`;
  };

  const undoAll = async () => {
    const question = `This deletes the links that ${name} brought in, also those that were edited since. You can bring each one back from the history for 30 days.`;
    if (!(await confirmed("Undo this import?", question, "Delete the links"))) return;
    const running = (undoing = new AbortController());
    actions.replaceChildren(stop);
    stop.focus();
    changed();
    try {
      const links = await importedLinks(org.id, tag, signal);
      bar.set("Deleted", 0, links.length);
      const { done, refused } = await forEachLink(links, (link) => callApi("DELETE", linkPath(org.id, link.id), { ifMatch: etagOf(link), signal }), {
        progress: (number) => bar.set("Deleted", number, links.length),
        isStopped: () => running.signal.aborted || signal.aborted,
        reason: (link, error) => `/${link.id}: ${wordsOf(error)}`,
      });
      const gone = new Set(done.map(({ id }) => id));
      for (const row of rows) if (row.isDone && row.result === "created" && row.id && gone.has(row.id)) row.isDone = false;
      undoing = null;
      isPaused = false;
      say(`${outcome("deleted", done.length, refused.length)} ${refused.map(({ reason }) => reason).join(" ")}`.trim(), refused.length > 0);
    } catch (error) {
      undoing = null;
      if (!isAborted(error)) say(wordsOf(error), true);
    }
  };

  return { node: h("div", { class: "run" }, bar.node, sentence, actions), show, isBusy: () => isRunning || undoing !== null };
}

/**
 * All links with this tag.
 * @param {string} org
 * @param {string} tag
 * @param {AbortSignal} signal
 * @returns {Promise<Link[]>}
 */
async function importedLinks(org, tag, signal) {
  /** @type {Link[]} */
  const links = [];
  for (let cursor = ""; ;) {
    const { body } = await callApi("GET", linkPath(org), { query: { tag, limit: PAGE, cursor }, signal });
    links.push(...body.data);
    if (!body.next_cursor) return links;
    cursor = body.next_cursor;
  }
}
