import { Problem, wordsOf } from "./api.js";
import { copyUrl } from "./copy.js";
import { h } from "./dom.js";
import { filterCount, isFiltered, soughtUrl } from "./filters.js";
import { openLinkForm } from "./form.js";
import { creatorOf } from "./people.js";
import { signInUrl } from "./start.js";
import { counted, foldedShortName, shortened, urlIn } from "./text.js";
import { urlField } from "./url_field.js";

/**
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./filters.js").Filters} Filters
 * @typedef {import("api").Link} Link
 */

/**
 * The text and controls that replace an empty list.
 * @param {Context} context
 * @param {Filters} filters
 * @param {{ hasField: boolean, clear: () => void }} options `hasField`: another part of the page has a field for a URL.
 */
export function emptyList(context, filters, { hasField, clear }) {
  const action = (/** @type {string} */ words, /** @type {() => void} */ run, kind = "") => h("button", { class: `button ${kind}`, type: "button", onclick: run }, words);
  if (filters.sort) return note(`No clicks in ${filters.sort} days.`, action("Show all links", clear));
  if (!isFiltered(filters)) {
    return note("No links yet. Paste a URL anywhere on this page.", hasField ? action("New link", () => openLinkForm(context, {})) : urlField(context, "New link"));
  }
  const proposal = proposalOf(filters);
  const create = () => openLinkForm(context, proposal);
  const q = filters.q.trim();
  const sentence = proposal.url ? `No link leads to ${shortened(proposal.url)} yet.` : q ? `Nothing matches “${q}”.` : "No link matches these filters.";
  const label = proposal.url ? "Create link" : proposal.shortName ? `Create /${proposal.shortName}` : "";
  return note(sentence, label && action(label, create, "primary"), filterCount(filters) > 0 && action("Show all links", clear));
}

/**
 * The link to propose if no link is found.
 * @param {Filters} filters
 * @returns {{ url?: string, shortName?: string }}
 */
export function proposalOf({ q }) {
  const url = urlIn(q);
  return url ? { url } : { shortName: foldedShortName(q.trim().replace(/^\/+/, "")) };
}

/**
 * Shows the existing links to the URL, if there are any.
 * @param {Context} context
 * @param {Filters} filters
 * @param {Link[]} links
 */
export function alreadyShort(context, filters, links) {
  const url = soughtUrl(filters);
  const link = links[0];
  if (!url || !link) return null;
  const who = creatorOf(link, context.session.user_id);
  return h("div", { class: "notice" },
    h("p", null, "Already short: ", h("strong", null, `/${link.id}`), `, by ${who === "You" ? "you" : who}, ${counted(link.clicks ?? 0, "click")}.`),
    h("button", { class: "button", type: "button", onclick: () => copyUrl(link.short_url) }, "Copy that one"),
    h("button", { class: "plain", type: "button", onclick: () => openLinkForm(context, { url }) }, "Create another"),
  );
}

/**
 * Shows why a list could not be loaded, and what the reader can do.
 * @param {unknown} error
 * @param {() => void} retry
 */
export function failedList(error, retry) {
  const button = h("button", { class: "button", type: "button", onclick: retry }, "Try again");
  if (error instanceof Problem && error.status === 403) {
    return note("You aren't a member of this organization any more. Ask an admin to add you.", button, h("a", { class: "button", href: signInUrl(true) }, "Use another account"));
  }
  return note(`The links could not be loaded. ${wordsOf(error)}`, button);
}

/**
 * @param {string} sentence
 * @param {...import("./dom.js").Child} actions
 */
function note(sentence, ...actions) {
  return h("div", { class: "card note" }, h("p", null, sentence), h("div", { class: "note-actions" }, actions));
}
