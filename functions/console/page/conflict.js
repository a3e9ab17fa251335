import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { FIELD_NAMES, valueInWords } from "./edit.js";
import { fullTime } from "./time.js";

/**
 * @typedef {import("./edit.js").Values} Values
 */

/**
 * Asks the reader whose values to keep in the fields that both the reader and someone else changed.
 * @param {string[]} fields
 * @param {Values} mine
 * @param {Values} theirs
 * @returns {Promise<"mine" | "theirs" | "">} Empty if the reader wants to go on editing.
 */
export async function resolveConflict(fields, mine, theirs) {
  const names = /** @type {(keyof Values)[]} */ (fields);
  const choice = await openDialog("This link was changed", (dialog) => [
    h("p", { class: "quiet" }, "Someone changed this link while you were editing. Their other changes are kept."),
    h("table", { class: "differences" },
      h("thead", null, h("tr", null, ...["Field", "Yours", "Theirs"].map((words) => h("th", { scope: "col" }, words)))),
      h("tbody", null, names.map((name) => h("tr", null,
        h("th", { scope: "row" }, FIELD_NAMES[name]),
        h("td", null, valueInWords(name, mine, fullTime)),
        h("td", null, valueInWords(name, theirs, fullTime)),
      ))),
    ),
    h("div", { class: "actions" },
      h("button", { class: "button", type: "button", onclick: () => dialog.close("theirs") }, "Use theirs"),
      h("button", { class: "button primary", type: "button", onclick: () => dialog.close("mine") }, "Keep mine"),
    ),
  ], { class: "wide" });
  return choice === "mine" || choice === "theirs" ? choice : "";
}
