import { Problem } from "./api.js";
import { organizationName } from "./context.js";
import { destinationField } from "./destination.js";
import { confirmed, openDialog } from "./dialog.js";
import { announce, h } from "./dom.js";
import { changesOf, valuesOf } from "./edit.js";
import { fieldOf } from "./fields.js";
import { handleOffer } from "./handle_offer.js";
import { moreOptions } from "./options.js";
import { creator, saver } from "./saving.js";
import { shortBaseOf } from "./short_base.js";
import { shortNameField } from "./short_name.js";
import { urlIn } from "./text.js";

/**
 * The initial content of the dialog: a link to edit, or the beginning of a new one.
 * @typedef {{ link?: Link, url?: string, title?: string, shortName?: string, isFromAddress?: boolean }} Start
 * @typedef {import("api").Link} Link
 * @typedef {import("./edit.js").Values} Values
 */

/** The time in milliseconds after which a dialog can be submitted, if the page's address opened the dialog. */
const MIN_OPEN = 400;

/**
 * Opens the dialog that creates or edits a link. It reports the result, and copies a new link's short URL.
 * @param {import("./context.js").Context} context
 * @param {Start} start
 */
export async function openLinkForm(context, start) {
  // Only one dialog may be open at a time, but a new address could open a second dialog while the reader types.
  if (document.querySelector("dialog[open] .link-form")) return;
  const openedAt = performance.now();
  const { link } = start;
  const before = initialValues(start);
  const destination = destinationField(context, before.url, link ?? null);
  const shortName = shortNameField(context.org.id, start.shortName ?? "", link?.id);
  const title = h("input", { name: "title", value: before.title ?? "", autocomplete: "off" });
  const titleField = fieldOf("Title", title, { optional: true });
  const on = h("input", { type: "checkbox", role: "switch" });
  on.checked = before.enabled;
  const audience = h("p", { class: "audience quiet" });
  const options = moreOptions(before, organizationName(context.org), () => showAudience());
  const showAudience = () => (audience.textContent = options.sentence(options.read(), on.checked));
  on.addEventListener("change", showAudience);
  showAudience();
  const problem = h("p", { class: "fault", role: "alert" });
  const submit = h("button", { class: "button primary", type: "submit" }, link ? "Save" : "Create link");
  const offer = h("div");
  const showBase = async () => {
    // The link can be created even if the beginning of the short URL cannot be loaded.
    const base = await shortBaseOf(context.org.id).catch(() => "");
    shortName.showBase(base);
    if (!link) offer.replaceChildren(handleOffer(context, base, showBase));
  };
  showBase();

  /** @returns {Values} */
  const read = () => ({ url: destination.value(), id: shortName.input.value || before.id, title: title.value.trim() || null, enabled: on.checked, ...options.read() });
  const isDirty = () => Object.keys(changesOf(before, read())).length > 0;
  /** @type {Record<string, import("./fields.js").Field>} */
  const fields = { url: destination, title: titleField, id: shortName, ...options.fields };
  const closed = new AbortController();
  const save = link ? saver(link, closed.signal) : creator(context, closed.signal);

  const where = context.session.organizations.length > 1 ? ` in ${organizationName(context.org)}` : "";
  await openDialog(link ? `Edit /${link.id}` : `New link${where}`, (dialog) => {
    const send = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      // Another site's page can open the dialog so that the reader's next key press goes to the dialog.
      if (start.isFromAddress && performance.now() - openedAt < MIN_OPEN) return;
      options.finish();
      problem.textContent = "";
      for (const field of Object.values(fields)) field.control.removeAttribute("aria-invalid");
      if (!destination.isSound() || !options.isSound()) return;
      shortName.stop();
      submit.disabled = true;
      announce(link ? "Saving" : "Creating");
      try {
        if (await save(read())) dialog.close("done");
      } catch (error) {
        if (closed.signal.aborted) return;
        problem.textContent = showProblem(error, fields, shortName);
        const failed = dialog.querySelector("[aria-invalid]");
        const details = failed?.closest("details");
        if (details) details.open = true;
        if (failed instanceof HTMLElement) failed.focus();
      } finally {
        submit.disabled = false;
      }
    };
    const held = (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && event.repeat && event.preventDefault();
    const form = h("form", { class: "link-form", novalidate: true, onsubmit: send, onkeydown: held },
      destination.node, shortName.node, offer, titleField.node,
      link && h("label", { class: "check" }, on, "On", h("span", { class: "quiet" }, "When it is off, visitors see a page that says so.")),
      options.node, problem,
      h("div", { class: "actions" }, audience,
        h("button", { class: "button", type: "button", onclick: () => dialog.close("") }, "Cancel"), submit),
    );
    // The destination is set, so the next field is the short name.
    const first = !link && before.url ? shortName.input : destination.input;
    queueMicrotask(() => first.focus());
    return [form];
  }, { mayClose: async () => !isDirty() || confirmed("Discard what you typed?", "The link is not saved yet.", "Discard", "Keep editing") });
  // Cancels a request that is still waiting for the session to be renewed.
  closed.abort();
  destination.stop();
  shortName.stop();
}

/**
 * @param {Start} start
 * @returns {Values}
 */
function initialValues({ link, url = "", title = "" }) {
  if (link) return valuesOf(link);
  return { url: urlIn(url) ?? url, id: "", title: title || null, tags: [], access: "public", forward: "none", enabled: true, expires_at: null };
}

/**
 * Shows each fault at its field.
 * @param {unknown} error
 * @param {Record<string, import("./fields.js").Field>} fields
 * @param {ReturnType<typeof shortNameField>} shortName
 * @returns {string} The messages that belong to no field.
 */
function showProblem(error, fields, shortName) {
  if (!(error instanceof Problem)) throw error;
  if (error.code === "slug_taken") {
    shortName.taken(shortName.input.value, error.suggestedId);
    return "";
  }
  if (error.code === "alias_limit") {
    shortName.fail(error.message);
    return "";
  }
  const others = error.errors.filter(({ pointer, message }) => {
    const [, name = ""] = (pointer ?? "").split("/");
    const field = fields[name];
    field?.fail(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`);
    return !field;
  });
  if (error.errors.length === 0) return error.message;
  return others.map(({ message }) => message).join(" ");
}
