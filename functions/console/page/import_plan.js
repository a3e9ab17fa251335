import { isAborted, wordsOf } from "./api.js";
import { h } from "./dom.js";
import { editRow, recheck } from "./import_edit.js";
import { canEdit, GROUPS, groupOf, remarksOf } from "./import_rows.js";
import { runPart } from "./import_run.js";
import { button } from "./parts.js";
import { count, counted, shortened } from "./text.js";
import { toast } from "./toast.js";

/**
 * @typedef {import("./import_rows.js").Row} Row
 * @typedef {import("./import_rows.js").Group} Group
 * @typedef {{ name: string, format: string, rows: Row[] }} Plan
 */

/** The maximum number of rows in one request. */
const ROWS_CHECKED = 1_000;
/** How many rows are shown at first, and how many more after each press of the button. */
const ROWS_SHOWN = 50;

/**
 * The card that shows what would happen to each row of a file, and that imports the rows.
 * @param {import("./context.js").Context} context
 * @param {Plan} plan
 * @param {() => void} startAgain Goes back to the choice of a file.
 * @param {AbortSignal} signal
 */
export function showPlan(context, { name, format, rows }, startAgain, signal) {
  /** @type {Group} */
  let group = GROUPS.find(([each]) => rows.some((row) => groupOf(row) === each))?.[0] ?? "created";
  let shown = ROWS_SHOWN;
  const tabs = h("div", { class: "tabs", role: "group", "aria-label": "Rows to show" });
  const forAll = h("div", { class: "choices" });
  const list = h("ul", { class: "rows" });
  const foot = h("div", { class: "foot" });

  const focusTab = () => /** @type {HTMLElement | null} */ (tabs.querySelector("button[aria-pressed=true]"))?.focus();
  const fill = () => {
    tabs.replaceChildren(...GROUPS.map(([each, words]) => {
      const number = rows.filter((row) => groupOf(row) === each).length;
      return h("button", { class: "button", type: "button", "aria-pressed": String(each === group), onclick: () => {
        group = each;
        shown = ROWS_SHOWN;
        fill();
        focusTab();
      } }, each === "created" && rows.some(({ isDone }) => isDone) ? "Imported" : words, " ", h("strong", null, count(number)));
    }));
    const all = rows.filter((row) => groupOf(row) === group);
    const free = group === "conflict" && !run.isBusy() ? all.filter((row) => row.suggested_id !== null) : [];
    forAll.replaceChildren(...(free.length > 1 ? [button(`Use the next free name for all ${count(free.length)}`, () => useFree(free))] : []));
    list.replaceChildren(...all.slice(0, shown).map(rowOf));
    const more = button(`Show ${count(Math.min(ROWS_SHOWN, all.length - shown))} more`, () => {
      const next = shown;
      shown += ROWS_SHOWN;
      fill();
      list.children[next]?.querySelector("button")?.focus();
    });
    foot.replaceChildren(...(all.length > shown ? [h("span", { class: "quiet" }, `${count(shown)} of ${counted(all.length, "row")} shown`), more] : []));
    if (all.length === 0) foot.replaceChildren(h("span", { class: "quiet" }, "No rows."));
    run.show();
  };

  const rowOf = (/** @type {Row} */ row) => {
    const label = row.id ? `/${row.id}` : "a short name that Signpost picks";
    const edit = button("Edit", async () => {
      if (await editRow(context.org.id, row, rows, signal)) fill();
    });
    const leave = button(row.isLeft ? "Import after all" : "Leave out", () => {
      row.isLeft = !row.isLeft;
      const at = [...list.children].findIndex((item) => item.contains(leave));
      fill();
      const next = list.children[Math.min(at, list.children.length - 1)]?.querySelector("button");
      if (next) next.focus();
      else focusTab();
    });
    for (const each of [edit, leave]) each.setAttribute("aria-label", `${each.textContent} row ${row.row}`);
    return h("li", null,
      h("span", { class: "line quiet" }, count(row.row)),
      h("div", { class: "what" },
        h("p", null, h("strong", null, label), row.source && row.source !== row.id ? h("span", { class: "quiet" }, ` was ${row.source}`) : "",
          row.title ? ` ${row.title}` : ""),
        h("p", { class: "quiet" }, shortened(row.url), row.tags.map((tag) => ` #${tag}`).join("")),
        remarksOf(row).map(({ kind, detail }) => h("p", { class: kind }, detail))),
      h("div", { class: "row-actions" }, !run.isBusy() && [
        row.result === "conflict" && row.suggested_id !== null && !row.isLeft && button(`Use ${row.suggested_id}`, () => useFree([row])),
        canEdit(row) && edit, !row.isDone && row.result === "created" && leave,
      ]));
  };

  /** Renames rows whose short names are taken: each gets the free name that the API suggests. */
  const useFree = async (/** @type {Row[]} */ conflicts) => {
    try {
      for (let done = 0; done < conflicts.length; done += ROWS_CHECKED) {
        await recheck(context.org.id, conflicts.slice(done, done + ROWS_CHECKED), (row) => ({ ...row, id: row.suggested_id }), signal);
      }
    } catch (error) {
      if (!isAborted(error)) toast(wordsOf(error));
    }
    fill();
    focusTab();
  };

  const run = runPart(context, { name, rows, changed: fill, startAgain }, signal);
  const found = FORMAT_NAMES[format] ?? format;
  fill();
  return h("div", { class: "card part" },
    h("h2", { tabindex: "-1" }, name),
    h("p", { class: "quiet" }, `Recognized as ${found}: ${counted(rows.length, "row")}.`),
    run.node, tabs, forAll, list, foot);
}

/** What a format is called in a sentence. @type {Record<string, string>} */
const FORMAT_NAMES = {
  bitly: "an export of Bitly", dub: "an export of Dub", shlink: "an export of Shlink", kutt: "an export of Kutt", yourls: "an export of YOURLS",
  "short.io": "an export of Short.io", rebrandly: "an export of Rebrandly", tinyurl: "an export of TinyURL", golink: "an export of golink",
  sink: "an export of Sink", plain: "a table",
};
