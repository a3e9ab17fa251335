import { copyText } from "./copy.js";
import { h, icon } from "./dom.js";
import { handleForm } from "./handle.js";
import { keep, kept } from "./kept.js";
import { urlField } from "./url_field.js";

/**
 * @typedef {import("./context.js").Context} Context
 * @typedef {"handle" | "link" | "invitation"} Step
 */

/**
 * Whether to show the first steps: only if the short URLs contain the organization's id and the reader has not closed the card.
 * @param {Context} context
 * @param {string} base The beginning of the organization's short URLs.
 */
export function isFirstRun({ org }, base) {
  return base.toLowerCase().endsWith(`/${org.id.toLowerCase()}`) && kept(placeOfCard(org.id)) === null;
}

/**
 * The card with an organization's first steps: a handle, a first link, the invitation. When all steps are done, the card removes itself.
 * @param {Context} context
 * @param {() => void} closed Called when the card has been removed, if the card had the focus.
 * @param {AbortSignal} signal
 */
export function firstRunCard(context, closed, signal) {
  const { org } = context;
  /** @type {Set<Step>} */
  const left = new Set(["link", "invitation"]);
  if (org.manages_all_links) left.add("handle");
  const card = h("section", { class: "card first-run", "aria-labelledby": "first-run-title" });
  const close = () => {
    keep(placeOfCard(org.id), "closed");
    const hadFocus = card.contains(document.activeElement);
    card.remove();
    if (hadFocus) closed();
  };
  const step = (/** @type {Step} */ name, /** @type {string} */ title, /** @type {(Node | string)[]} */ ...content) =>
    h("li", { "data-step": name }, h("h3", null, h("span", { class: "step-number", "aria-hidden": "true" }), title), ...content);
  const finish = (/** @type {Step} */ name, /** @type {string} */ words) => {
    const item = card.querySelector(`[data-step=${name}]`);
    if (!left.delete(name) || !item) return;
    item.classList.add("done");
    item.querySelector(".step-number")?.replaceChildren(icon("check"));
    item.querySelector("h3")?.append(h("span", { class: "for-screen-readers" }, ", done"));
    for (const part of item.querySelectorAll("form, p")) part.remove();
    item.append(h("p", { class: "quiet" }, words));
    if (left.size === 0) close();
  };
  const invite = async () => {
    const text = `Our short links: ${location.origin}/\nSign in with your work account, paste a URL, and share the short link.`;
    if (await copyText(text, "Copied the invitation.")) finish("invitation", "Copied. Paste it where your team talks.");
  };
  const handle = org.manages_all_links
    ? step("handle", "Choose a handle", handleForm(context, ({ handle }) => {
      finish("handle", `Your short links begin with @${handle}.`);
      /** @type {HTMLElement | null} */ (card.querySelector("[data-step=link] input"))?.focus();
    }, { signal }))
    : null;
  card.append(
    h("button", { class: "plain close", type: "button", "aria-label": "Close this card", onclick: close }, icon("close")),
    h("h2", { id: "first-run-title" }, "Get your team started"),
    handle ? "" : h("p", { class: "quiet" }, "Ask an admin to choose a short handle."),
    h("ol", null,
      handle ?? "",
      step("link", "Create a link", urlField(context, "Create link")),
      step("invitation", "Bring your team",
        h("p", { class: "field-line" }, h("button", { class: "button", type: "button", onclick: invite }, icon("copy"), "Copy invitation")),
        h("p", { class: "quiet" }, "Or tell your team the address: ", h("span", { class: "address" }, `${location.origin}/`), ". People are added and removed at your sign-in provider.")),
    ),
  );
  return { card, created: () => finish("link", "You can paste a URL anywhere on this page, too.") };
}

/** @param {string} org */
function placeOfCard(org) {
  return `signpost.first-run.${org}`;
}
