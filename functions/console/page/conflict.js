import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { FIELD_NAMES, valueInWords } from "./edit.js";
import { fullTime } from "./time.js";

/**
 * @typedef {import("./edit.js").Values} Values
 */

/**
 * Asks whether to keep the reader's or the other person's values in the fields that both changed.
 * @param {string[]} fields
 * @param {Values} mine
 * @param {Values} theirs
 * @returns {Promise<"mine" | "theirs" | "">} Empty if the reader wants to go on editing.
 */
export async function resolveConflict(fields, mine, theirs) {
  const names = /** @type {(keyof Values)[]} */ (fields);
  const choice = await ask("This link was changed", [
    h("p", { class: "quiet" }, "Someone changed this link while you were editing. Their other changes are kept."),
    h("table", { class: "differences" },
      h("thead", null, h("tr", null, ...["Field", "Yours", "Theirs"].map((words) => h("th", { scope: "col" }, words)))),
      h("tbody", null, names.map((name) => h("tr", null,
        h("th", { scope: "row" }, FIELD_NAMES[name]),
        h("td", null, valueInWords(name, mine[name], fullTime)),
        h("td", null, valueInWords(name, theirs[name], fullTime)),
      ))),
    ),
  ], [["theirs", "Use theirs"], ["mine", "Keep mine"]], { class: "wide" });
  return choice === "mine" || choice === "theirs" ? choice : "";
}
