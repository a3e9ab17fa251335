import { isAborted, wordsOf } from "./api.js";
import { h } from "./dom.js";
import { keepDecisions } from "./import_decisions.js";
import { editRow, recheckAll } from "./import_edit.js";
import { FORMATS } from "./import_file.js";
import { canEdit, canLeave, GROUPS, groupOf, remarksOf } from "./import_rows.js";
import { runPart } from "./import_run.js";
import { button } from "./parts.js";
import { count, counted, shortened } from "./text.js";
import { fullTime } from "./time.js";
import { toast } from "./toast.js";

/**
 * @typedef {import("./import_rows.js").Row} Row
 * @typedef {import("./import_rows.js").Group} Group
 * @typedef {{ name: string, fingerprint: string, format: string, ignored: string[], rows: Row[], tag: string }} Plan
 *   `ignored`: the names of columns that are not imported. `tag`: the import's tag if a part
 *   of the file was imported earlier, or else empty.
 */

/** How many rows are shown at first, and how many more after each press of the button. */
const ROWS_SHOWN = 50;

/**
 * The card that shows what would happen to each row of a file, and that imports the rows.
 * @param {import("./context.js").Context} context
 * @param {Plan} plan
 * @param {() => void} startAgain Goes back to the choice of a file.
 * @param {AbortSignal} signal
 */
export function showPlan(context, { name, fingerprint, format, ignored, rows, tag }, startAgain, signal) {
  /** @type {Group} */
  let group = GROUPS.find(([each]) => rows.some((row) => groupOf(row) === each))?.[0] ?? "created";
  let shown = ROWS_SHOWN;
  const tabs = h("div", { class: "tabs", role: "group", "aria-label": "Rows to show" });
  const forAll = h("div", { class: "choices" });
  const list = h("ul", { class: "rows" });
  const foot = h("div", { class: "foot" });

  const focusTab = () => /** @type {HTMLElement | null} */ (tabs.querySelector("button[aria-pressed=true]"))?.focus();
  const focusRow = (/** @type {Row} */ { row }, /** @type {string} */ words) => {
    const found = /** @type {HTMLElement | null} */ (list.querySelector(`[aria-label="${words} row ${row}"]`));
    if (found) found.focus();
    else focusTab();
  };
  const fill = () => {
    keepDecisions(fingerprint, rows, run.tag());
    tabs.replaceChildren(...GROUPS.flatMap(([each, words]) => {
      const number = rows.filter((row) => groupOf(row) === each).length;
      return each === "done" && number === 0 ? [] : h("button", { class: "button", type: "button", "aria-pressed": String(each === group), onclick: () => {
        group = each;
        shown = ROWS_SHOWN;
        fill();
        focusTab();
      } }, words, " ", h("strong", null, count(number)));
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
    const rival = row.result === "conflict" ? rows.find((other) => other !== row && other.result === "conflict" && other.id === row.id) : null;
    const edit = button("Edit", async () => {
      const { id } = row;
      if (!(await editRow(context.org.id, row, rows, signal))) return;
      await check(rows.filter((other) => other.result === "conflict" && other.id === id), () => ({}));
      focusRow(row, "Edit");
    });
    const leave = button(row.isLeft ? "Import after all" : "Leave out", () => {
      const words = leave.textContent ?? "";
      const at = list.children[[...list.children].findIndex((item) => item.contains(leave)) + 1]?.querySelector(`[aria-label^="${words}"]`);
      const next = at?.getAttribute("aria-label");
      row.isLeft = !row.isLeft;
      fill();
      const found = /** @type {HTMLElement | null} */ (next ? list.querySelector(`[aria-label="${next}"]`) : null);
      if (found) found.focus();
      else focusTab();
    });
    for (const each of [edit, leave]) each.setAttribute("aria-label", `${each.textContent} row ${row.row}`);
    const facts = [
      shortened(row.url), row.access === "members" && "members only", row.forward !== "none" && `passes on the ${row.forward}`, !row.enabled && "off",
      row.expires_at && `expires ${fullTime(new Date(row.expires_at))}`, ...row.tags.map((tag) => `#${tag}`),
    ];
    return h("li", null,
      h("span", { class: "line quiet" }, count(row.row)),
      h("div", { class: "what" },
        h("p", null, h("strong", null, row.id ? `/${row.id}` : "New short name"), row.source && row.source !== row.id ? h("span", { class: "quiet" }, ` was ${row.source}`) : ""),
        row.title && h("p", null, row.title),
        h("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
        remarksOf(row, rival?.row).map(({ kind, detail }) => h("p", { class: kind }, detail))),
      h("div", { class: "row-actions" }, !run.isBusy() && [
        row.result === "conflict" && row.suggested_id !== null && !row.isLeft && button(`Use ${row.suggested_id}`, () => useFree([row])),
        row.result === "skipped" && button("Import switched off", () => check([row], () => ({ enabled: false, expires_at: null })).then(focusTab)),
        canEdit(row) && edit, canLeave(row) && leave,
      ]));
  };

  /** Edits rows, and checks them again. If the check fails, shows a message. */
  const check = async (/** @type {Row[]} */ edited, /** @type {(row: Row) => Partial<import("./import_rows.js").Edit>} */ edit) => {
    try {
      await recheckAll(context.org.id, edited, edit, signal);
    } catch (error) {
      if (!isAborted(error)) toast(wordsOf(error));
    }
    fill();
  };

  /** Renames rows whose short names are taken: each gets the free name that the API suggests. */
  const useFree = async (/** @type {Row[]} */ conflicts) => {
    await check(conflicts, (row) => ({ id: row.suggested_id }));
    focusTab();
  };

  const changed = () => {
    if (!rows.some((row) => groupOf(row) === group)) group = GROUPS.find(([each]) => rows.some((row) => groupOf(row) === each))?.[0] ?? group;
    fill();
  };
  const run = runPart(context, { name, rows, tag, changed, startAgain }, signal);
  const found = format === "plain" ? "a table" : `an export of ${FORMATS.find(([each]) => each === format)?.[1] ?? format}`;
  fill();
  return h("div", { class: "card part" },
    h("h2", { tabindex: "-1" }, name),
    h("p", { class: "quiet" }, `Recognized as ${found}: ${counted(rows.length, "row")}.`),
    ignored.length > 0 && h("p", { class: "quiet" }, `Columns that are not imported: ${ignored.join(", ")}.`),
    run.node, tabs, forAll, list, foot);
}
