import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { FIELD_NAMES, valuesOf, valueInWords } from "./edit.js";
import { fullTime } from "./time.js";

/**
 * Asks what to keep when a link was changed while it was being edited.
 * @param {import("./edit.js").Values} mine What the reader wants the link to be.
 * @param {import("api").Link} theirs The link as it is.
 * @returns {Promise<"mine" | "theirs" | "">} Empty to go on editing.
 */
export async function resolveConflict(mine, theirs) {
  const other = valuesOf(theirs);
  const names = /** @type {(keyof import("./edit.js").Values)[]} */ (Object.keys(FIELD_NAMES));
  const rows = names.filter((name) => valueInWords(name, mine, fullTime) !== valueInWords(name, other, fullTime));
  const choice = await openDialog("This link was changed", (dialog) => [
    h("p", { class: "quiet" }, "Someone changed this link while you were editing."),
    rows.length > 0 && h("table", { class: "differences" },
      h("thead", null, h("tr", null, ...["Field", "Yours", "Theirs"].map((words) => h("th", { scope: "col" }, words)))),
      h("tbody", null, rows.map((name) => h("tr", null,
        h("th", { scope: "row" }, FIELD_NAMES[name]),
        h("td", null, valueInWords(name, mine, fullTime)),
        h("td", null, valueInWords(name, other, fullTime)),
      ))),
    ),
    h("div", { class: "actions" },
      h("button", { class: "button", type: "button", onclick: () => dialog.close("theirs") }, "Use theirs"),
      h("button", { class: "button primary", type: "button", onclick: () => dialog.close("mine") }, "Keep mine"),
    ),
  ].filter((node) => node !== false), { class: "wide" });
  return choice === "mine" || choice === "theirs" ? choice : "";
}
