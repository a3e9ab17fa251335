import { isAborted, wordsOf } from "./api.js";
import { organizationName } from "./context.js";
import { announce, h } from "./dom.js";
import { exportCard } from "./export_card.js";
import { checkFile } from "./import_api.js";
import { decisionsAbout, fingerprint } from "./import_decisions.js";
import { recheckAll } from "./import_edit.js";
import { chooseFile } from "./import_file.js";
import { showPlan } from "./import_plan.js";
import { button } from "./parts.js";
import { progressBar } from "./progress_bar.js";
import { counted } from "./text.js";

/**
 * The screen for importing a file, and for exporting all links.
 * @param {import("./context.js").Context} context
 * @param {AbortSignal} signal
 */
export function showImport(context, signal) {
  const { org } = context;
  document.title = `Import · ${organizationName(org)} · Signpost`;
  /** Aborts the check of the previous file. */
  let checking = new AbortController();
  signal.addEventListener("abort", () => checking.abort());

  const place = h("div");
  const start = () => {
    checking.abort();
    place.replaceChildren(chooser.node);
    chooser.node.querySelector("button")?.focus();
  };

  /** Shows what an import of the file would do. @type {import("./import_file.js").Chosen} */
  const chosen = async (file, options) => {
    checking.abort();
    checking = new AbortController();
    const until = checking.signal;
    const bar = progressBar("Checking the file");
    const cancel = button("Cancel", start);
    place.replaceChildren(h("div", { class: "card part" }, h("h2", { tabindex: "-1" }, file.name), bar.node, h("p", null, cancel)));
    bar.set("Checking", 0, null);
    cancel.focus();
    announce(`Checking ${file.name}.`);
    try {
      const { rows, ...found } = await checkFile(org.id, file, options, until, (done, total) => bar.set("Checking", done, total));
      const decisions = decisionsAbout(await fingerprint(org.id, file));
      await takeOver(org.id, rows, decisions, until);
      const plan = showPlan(context, { name: file.name, fingerprint: decisions.file, ...found, rows, tag: decisions.tag }, start, signal);
      place.replaceChildren(plan);
      plan.querySelector("h2")?.focus();
      announce(`Checked ${counted(rows.length, "row")}.`);
    } catch (error) {
      if (!isAborted(error)) {
        start();
        chooser.fail(wordsOf(error));
      }
    }
  };
  const chooser = chooseFile(chosen, signal);
  place.append(chooser.node);
  return h("section", { class: "import" },
    h("h1", { tabindex: "-1" }, "Import and export"),
    place,
    exportCard(context, signal));
}

/**
 * Applies the decisions that the reader made when the same file was chosen before.
 * @param {string} org
 * @param {import("./import_rows.js").Row[]} rows
 * @param {import("./import_decisions.js").Decisions} decisions
 * @param {AbortSignal} signal
 */
async function takeOver(org, rows, { left, edits }, signal) {
  const [leftOut, changes] = [new Set(left), new Map(edits)];
  const edited = rows.filter(({ row }) => changes.has(row));
  await recheckAll(org, edited, ({ row }) => changes.get(row) ?? {}, signal);
  for (const row of rows) row.isLeft = leftOut.has(row.row);
}
