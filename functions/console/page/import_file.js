import { h } from "./dom.js";
import { fieldOf } from "./fields.js";
import { button } from "./parts.js";
import { foldedShortName, foldedTag } from "./text.js";

/**
 * @typedef {(file: File, options: import("./import_api.js").Options) => void} Chosen
 */

/** The API's limit. */
const MAX_BYTES = 4_000_000;

/** The formats and their names, in the order in which the reader can choose one. */
export const FORMATS = [
  ["", "Recognize it"], ["bitly", "Bitly"], ["dub", "Dub"], ["shlink", "Shlink"], ["kutt", "Kutt"], ["yourls", "YOURLS"], ["short.io", "Short.io"],
  ["rebrandly", "Rebrandly"], ["tinyurl", "TinyURL"], ["golink", "golink"], ["sink", "Sink"], ["plain", "Table or Signpost's own export"],
];

/**
 * The card in which the reader drops or chooses a file to import, or pastes its rows.
 * @param {Chosen} chosen
 * @param {AbortSignal} signal
 */
export function chooseFile(chosen, signal) {
  const fault = h("p", { class: "fault", role: "alert" });
  const format = h("select", null, FORMATS.map(([value, words]) => h("option", { value }, words)));
  const taken = h("select", null, h("option", { value: "skip" }, "Report it as a conflict"), h("option", { value: "rename" }, "Use the next free name, such as sale-2"));
  const expired = h("select", null, h("option", { value: "skip" }, "Leave it out"), h("option", { value: "keep" }, "Import it, switched off"));
  const prefix = h("input", { autocomplete: "off", autocapitalize: "off", maxlength: "32", oninput: () => (prefix.value = foldedShortName(prefix.value)) });
  const tag = h("input", { autocomplete: "off", autocapitalize: "off", maxlength: "32", oninput: () => (tag.value = foldedTag(tag.value)) });

  const take = (/** @type {File | undefined} */ file) => {
    const size = file?.size ?? 0;
    fail(!file || size > 0 ? "" : "This file is empty.");
    if (size > MAX_BYTES) fail("This file is larger than 4 MB. Split it into parts that each begin with the line of column names.");
    if (file && size > 0 && size <= MAX_BYTES) chosen(file, { format: format.value, on_conflict: taken.value, disabled: expired.value, prefix: prefix.value, tag: tag.value });
  };
  const fail = (/** @type {string} */ sentence) => (fault.textContent = sentence);

  const input = h("input", { type: "file", hidden: true, onchange: () => {
    const file = input.files?.[0];
    // Without this, choosing the same file again would cause no event.
    input.value = "";
    take(file);
  } });
  const rows = h("textarea", { rows: "5", spellcheck: "false", placeholder: "url,id,title\nhttps://example.com/spring,spring,Spring sale" });
  const rowsField = fieldOf("Rows", rows, { hint: "The first line names the columns. One URL on each line also works." });
  const paste = h("details", { class: "more-options" }, h("summary", null, "Paste rows"), rowsField.node,
    button("Check rows", () => {
      if (rows.value.trim() === "") {
        rowsField.fail("Paste at least one row.");
        return rows.focus();
      }
      rowsField.fail("");
      take(new File([rows.value], "Pasted rows"));
    }));

  const area = h("div", { class: "drop" },
    h("p", null, "Drop a file here, or ", button("Choose a file", () => input.click(), "primary"), input),
    h("p", { class: "quiet" }, "Exports of Bitly, Dub, Shlink, Kutt, YOURLS, Short.io, Rebrandly, TinyURL, golink and Sink, or any table with a column “url”. ",
      "You see what would happen before anything is imported."));
  const node = h("div", { class: "card part" }, h("h2", null, "Import links"), area, fault, paste,
    h("details", { class: "more-options" }, h("summary", null, "Options"),
      h("div", { class: "pair" },
        fieldOf("If a short name is taken", taken).node, fieldOf("If a link has expired", expired).node,
        fieldOf("Put before each short name", prefix, { optional: true }).node, fieldOf("Tag for all links", tag, { optional: true }).node,
        fieldOf("Format of the file", format).node)));

  // The whole window takes the file, because a file that is dropped beside the area would replace the page.
  const isFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    area.classList.toggle("over", node.isConnected);
  }, { signal });
  addEventListener("dragleave", (event) => event.relatedTarget === null && area.classList.remove("over"), { signal });
  addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    area.classList.remove("over");
    if (node.isConnected) take(event.dataTransfer?.files[0]);
  }, { signal });
  return { node, fail };
}
