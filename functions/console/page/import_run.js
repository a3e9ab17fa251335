import { callApi, etagOf, isAborted, linkPath, Problem, wordsOf } from "./api.js";
import { forEachLink } from "./bulk.js";
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
 * @param {{ name: string, rows: Row[], tag: string, changed: () => void, startAgain: () => void }} plan `tag` is the import's tag, or empty
 *   before the first row is imported. `changed` is called when rows have changed.
 * @param {AbortSignal} signal
 */
export function runPart({ org }, { name, rows, tag: known, changed, startAgain }, signal) {
  let tag = known;
  let isPaused = false;
  let isRunning = false;
  /** Set while the import is being undone. @type {AbortController | null} */
  let undoing = null;
  const bar = progressBar("Import", "links");
  const sentence = h("p", { class: "outcome", tabindex: "-1" });
  const tagged = h("p", { class: "quiet" });
  const actions = h("div", { class: "choices" });

  const pause = button("Pause", () => {
    isPaused = true;
    pause.textContent = "Pausing…";
    announce("Pausing after the rows that were just sent.");
  });
  const start = button("", () => run(), "primary");
  const again = button("Choose another file", startAgain);
  const report = button("Download report", () =>
    download(`import-${today()}.csv`, new Blob(["\ufeff", reportOf(rows)], { type: "text/csv" })));
  const undo = button("Undo this import", () => undoAll(), "danger");
  const stop = button("Stop", () => undoing?.abort());

  // A closed tab stops the import. If the same file is imported again, rows that already became links are recognized.
  addEventListener("beforeunload", (event) => (isRunning || undoing) && event.preventDefault(), { signal });

  const show = () => {
    if (isRunning || undoing) return;
    const left = newRows(rows).length;
    const isStarted = tag !== "";
    start.textContent = isStarted && isPaused ? `Resume with ${counted(left, "link")}` : `Import ${counted(left, "link")}`;
    start.hidden = left === 0;
    const see = h("a", { class: "button", href: `/${linksHash(org.id, { tag })}`, target: "_blank" }, "See the links");
    tagged.textContent = isStarted ? `The imported links have the tag #${tag}.` : "";
    actions.replaceChildren(start, ...(isStarted ? [see, report, undo] : [report]), again);
  };

  const run = async () => {
    const chosen = newRows(rows);
    // The page draws the tag, not the API: if the first response is lost, the second attempt must continue the same import.
    tag ||= drawTag();
    isPaused = false;
    isRunning = true;
    pause.textContent = "Pause";
    sentence.textContent = "";
    actions.replaceChildren(pause);
    pause.focus();
    changed();
    bar.set("Imported", 0, chosen.length);
    announce(`Importing ${counted(chosen.length, "link")}.`);
    let fault = "";
    try {
      await importRows(chosen, async (lines) => {
        const { results } = await sendRows(org.id, new Blob([lines]), { format: "plain", import: tag }, signal);
        // An attempt whose response was lost has made these links.
        const isOurs = (/** @type {import("./import_rows.js").Result} */ { result, tags }) => result === "replayed" && tags.includes(tag);
        return { results: results.map((row) => (isOurs(row) ? { ...row, result: "created" } : row)) };
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
    const parts = [`${counted(number("done"), "link")} imported`, ...[
      ["exists", "already here"], ["conflict", "in conflict"], ["skipped", "left out"], ["refused", "refused"],
    ].flatMap(([result = "", words]) => (number(result) > 0 ? [`${count(number(result))} ${words}`] : []))];
    return `${isPaused && newRows(rows).length > 0 ? "Paused: " : ""}${parts.join(", ")}.`;
  };

  /** Deletes a link. If the link is gone, an earlier attempt may have deleted it, so this is not an error. */
  const remove = async (/** @type {Link} */ link) => {
    try {
      await callApi("DELETE", linkPath(org.id, link.id), { ifMatch: etagOf(link), signal, waits: true });
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) throw error;
    }
  };

  const undoAll = async () => {
    const question = `This deletes the links that ${name} brought in, even those that were edited since. They have the tag #${tag}. You can bring each one back from the history for 30 days.`;
    if (!(await confirmed("Undo this import?", question, "Delete the links"))) return;
    const running = (undoing = new AbortController());
    sentence.textContent = "";
    actions.replaceChildren(stop);
    stop.focus();
    changed();
    try {
      const links = await importedLinks(org.id, tag, signal);
      bar.set("Deleted", 0, links.length);
      const { done, refused } = await forEachLink(links, remove, {
        progress: (number) => bar.set("Deleted", number, links.length),
        isStopped: () => running.signal.aborted || signal.aborted,
        reason: (_, error) => wordsOf(error),
      });
      const gone = new Set(done.map(({ id }) => id));
      // A row whose link was deleted can be imported again.
      for (const row of rows) if (row.id && gone.has(row.id)) Object.assign(row, { result: "created", isDone: false });
      undoing = null;
      isPaused = false;
      const left = links.length - done.length;
      const words = left > 0 ? `${count(done.length)} of ${counted(links.length, "link")} deleted.` : `${counted(links.length, "link")} deleted.`;
      say([words, ...new Set(refused.map(({ reason }) => reason))].join(" "), refused.length > 0);
    } catch (error) {
      undoing = null;
      if (!isAborted(error)) say(wordsOf(error), true);
    }
  };

  return { node: h("div", { class: "run" }, bar.node, sentence, tagged, actions), show, tag: () => tag, isBusy: () => isRunning || undoing !== null };
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

/** A new tag for the links of an import, such as `imported-20261126-x4k2pq`. */
function drawTag() {
  const random = [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => (byte % 36).toString(36));
  return `imported-${today().replaceAll("-", "")}-${random.join("")}`;
}
