import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { textButton } from "./fields.js";
import { withoutScheme } from "./copy.js";
import { handleForm } from "./handle.js";
import { baseWithHandle, handleOf } from "./text.js";

/**
 * Proposes a handle to an organization if its short URLs still start with its id, and shows how they would start with
 * the handle. Returns an empty text for other organizations.
 * @param {import("./context.js").Context} context
 * @param {string} base The beginning of the organization's short URLs.
 * @param {() => void} chosen Called when the organization has a handle.
 * @returns {HTMLElement | ""}
 */
export function handleOffer(context, base, chosen) {
  const { id, name, manages_all_links } = context.org;
  if (!base.endsWith(`/${id}`)) return "";
  if (!manages_all_links) return h("p", { class: "offer" }, "Ask an admin to choose a short handle.");
  const choose = () => openDialog("Choose a handle", (dialog) => [handleForm(context, () => {
    dialog.close("");
    chosen();
  })]);
  const example = withoutScheme(baseWithHandle(base, handleOf(name ?? "") || "team"));
  return h("p", { class: "offer" }, `Shorter with a handle: ${example}/… `, textButton("Choose one", choose));
}
