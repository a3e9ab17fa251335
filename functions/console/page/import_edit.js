import { isAborted, wordsOf } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { fieldOf, textButton } from "./fields.js";
import { sendRows } from "./import_api.js";
import { linesOf, merged } from "./import_rows.js";
import { button } from "./parts.js";
import { foldedShortName, urlIn } from "./text.js";

/** @typedef {import("./import_rows.js").Row} Row */

/**
 * Checks one or more edited rows, and updates each row that can be imported or is already a link.
 * @param {string} org
 * @param {Row[]} rows Changed in place.
 * @param {(row: Row) => Partial<import("./import_rows.js").Edit>} edit Returns what the reader changed in the row.
 * @param {AbortSignal} signal
 * @returns {Promise<import("./import_rows.js").Result[]>} The results, in the order of the rows.
 * @throws {import("./api.js").Problem}
 */
async function recheck(org, rows, edit, signal) {
  const edited = rows.map((row) => ({ ...row, ...edit(row) }));
  const { results } = await sendRows(org, new Blob([linesOf(edited)]), { format: "plain", dry_run: "true" }, signal);
  for (const [index, result] of results.entries()) {
    const [row, sent] = [rows[index], edited[index]];
    if (!row || !sent || !["created", "exists", "replayed"].includes(result.result)) continue;
    const { id, url, enabled, expires_at } = sent;
    Object.assign(row, merged(row, result), { isLeft: false, isDone: false, edit: { id, url, enabled, expires_at } });
  }
  return results;
}

/** The maximum number of rows in one request. */
const ROWS_CHECKED = 1_000;

/**
 * Like `recheck`, for any number of rows.
 * @param {string} org
 * @param {Row[]} rows
 * @param {(row: Row) => Partial<import("./import_rows.js").Edit>} edit
 * @param {AbortSignal} signal
 * @throws {import("./api.js").Problem}
 */
export async function recheckAll(org, rows, edit, signal) {
  for (let done = 0; done < rows.length;) {
    const { length } = await recheck(org, rows.slice(done, done + ROWS_CHECKED), edit, signal);
    if (length === 0) return;
    done += length;
  }
}

/**
 * Edits a row before it is imported. The API checks the row again.
 * @param {string} org
 * @param {Row} row Changed in place.
 * @param {Row[]} rows All rows of the file.
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} Whether the row was changed.
 */
export async function editRow(org, row, rows, signal) {
  const slug = h("input", { value: row.id ?? row.suggested_id ?? foldedShortName(row.source ?? ""), autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    onchange: () => (slug.value = foldedShortName(slug.value)) });
  const url = h("input", { value: row.url, inputmode: "url", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  const slugField = fieldOf("Short name", slug, { optional: true, hint: "If empty, Signpost picks one." });
  const urlField = fieldOf("Destination", url);
  const fault = h("p", { class: "fault", role: "alert" });
  const save = h("button", { class: "button primary" }, "Save");
  /** A check that is still running when the dialog closes changes nothing. */
  const closed = new AbortController();
  signal.addEventListener("abort", () => closed.abort());

  const check = async (/** @type {HTMLDialogElement} */ dialog) => {
    slugField.fail("");
    urlField.fail("");
    fault.textContent = "";
    if (save.disabled) return;
    const id = foldedShortName(slug.value) || null;
    if (id && rows.some((other) => other !== row && other.id === id && other.result === "created" && !other.isLeft && !other.isDone)) {
      slugField.fail("Another row has this short name.");
      return slug.focus();
    }
    save.disabled = true;
    save.textContent = "Checking…";
    try {
      const [result] = await recheck(org, [row], () => ({ id, url: urlIn(url.value) ?? url.value }), closed.signal);
      if (!result) return;
      if (["created", "exists", "replayed"].includes(result.result)) return dialog.close("changed");
      const { suggested_id: free } = result;
      if (result.result === "conflict") {
        const use = free ? [textButton(`Use ${free}`, () => {
          slug.value = free;
          slugField.fail("");
          slug.focus();
        })] : [];
        slugField.fail(`“${result.id}” is taken.`, ...use);
        return slug.focus();
      }
      const [first] = result.errors;
      const field = first?.field === "id" ? slugField : first?.field === "url" ? urlField : null;
      if (field && first) field.fail(first.detail);
      else fault.textContent = result.errors.map(({ detail }) => detail).join(" ");
      (field ?? urlField).control.focus();
    } catch (error) {
      if (!isAborted(error)) fault.textContent = wordsOf(error);
    } finally {
      save.disabled = false;
      save.textContent = "Save";
    }
  };

  const value = await openDialog(`Row ${row.row}`, (dialog) => {
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      check(dialog);
    };
    return [h("form", { onsubmit: submit, novalidate: true }, slugField.node, urlField.node, fault,
      h("div", { class: "actions" }, button("Cancel", () => dialog.close("")), save))];
  });
  closed.abort();
  return value === "changed";
}
