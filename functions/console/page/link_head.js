import { freeAlias } from "./aliases.js";
import { badgesOf } from "./badges.js";
import { deleteLink } from "./changes.js";
import { organizationName } from "./context.js";
import { copyUrl, withoutScheme } from "./copy.js";
import { h, icon } from "./dom.js";
import { textButton } from "./fields.js";
import { openLinkForm } from "./form.js";
import { handOver } from "./hand_over.js";
import { age, hidden } from "./parts.js";
import { creatorOf, mayChange, refusalOf } from "./people.js";
import { openQr } from "./qr.js";
import { linksHash } from "./routes.js";
import { shortened } from "./text.js";
import { toast } from "./toast.js";
import { visitorsSee } from "./visitors.js";

/**
 * @typedef {import("api").Link} Link
 * @typedef {import("./context.js").Context} Context
 */

/** The maximum length of a displayed destination. */
const MAX_DESTINATION = 90;

/**
 * The head of a link's page: its details and actions.
 * @param {Context} context
 * @param {Link} first
 */
export function linkHead(context, first) {
  let link = first;
  const title = h("h1", { tabindex: "-1" });
  const about = h("div", { class: "link-about" });
  const edit = guarded(context, () => link, () => openLinkForm(context, { link }));
  const drop = guarded(context, () => link, () => deleteLink(link));
  const copy = () => copyUrl(link.short_url);
  const actions = h("div", { class: "link-actions" },
    drop.button(icon("trash"), "Delete"),
    edit.button(icon("edit"), "Edit"),
    h("button", { class: "button", type: "button", onclick: () => openQr(link) }, icon("qr"), "QR code"),
    h("button", { class: "button primary", type: "button", onclick: copy }, icon("copy"), "Copy link"));

  const show = (/** @type {Link} */ changed) => {
    link = changed;
    // Lets lines break after slashes rather than within the short name.
    title.replaceChildren(...withoutScheme(link.short_url).split(/(?<=\/)/).flatMap((part) => [part, h("wbr", null)]));
    const hadFocus = about.contains(document.activeElement);
    about.replaceChildren(...descriptionOf(context, link, new Date()));
    if (hadFocus) title.focus();
  };
  show(first);
  return {
    element: h("div", { class: "link-head" }, h("div", { class: "link-words" }, title, about), actions),
    show, copy, edit: edit.run, remove: drop.run,
  };
}

/**
 * The details of a link next to its short URL.
 * @param {Context} context
 * @param {Link} link
 * @param {Date} now
 */
function descriptionOf(context, link, now) {
  const { session, org } = context;
  const { aliases = [] } = /** @type {{ aliases?: string[] }} */ (link);
  const badges = badgesOf(link, now);
  return [
    (link.title || badges.some(Boolean)) && h("p", { class: "link-title" }, badges, link.title && h("span", null, link.title)),
    h("p", { class: "link-destination" }, icon("arrow"), hidden("Destination: "), destinationOf(link.url)),
    h("p", { class: "link-facts" },
      h("span", null, hidden("Created by "), creatorOf(link, session.user_id)), age(link.created_at, now),
      link.tags.map((tag) => h("a", { class: "badge", href: linksHash(org.id, { tag }) }, `#${tag}`)),
      org.manages_all_links && h("span", null, textButton("Hand over", () => handOver(context, link)))),
    aliases.length > 0 && h("p", { class: "link-facts" }, "Previous short names: ", aliases.map((alias) => h("span", null, `/${alias} `,
      mayChange(link, session) && h("button", { class: "text", type: "button", "aria-label": `Free /${alias}`, onclick: () => freeAlias(link, alias) }, "Free")))),
    ...visitorsSee(link, organizationName(org), now).map((sentence) => h("p", { class: "visitors quiet" }, sentence)),
  ].filter((part) => part instanceof Node);
}

/**
 * The destination as a link, or as plain text if it is not a web address.
 * @param {string} url
 */
function destinationOf(url) {
  const words = url.length > MAX_DESTINATION ? shortened(url, MAX_DESTINATION) : url;
  if (!/^https?:\/\//i.test(url)) return h("span", null, words);
  return h("a", { href: url, target: "_blank", rel: "noreferrer", title: url }, words);
}

/**
 * A button for readers who may change the link. For other readers the button looks disabled, and a message says who can change the link.
 * @param {Context} context
 * @param {() => Link} link
 * @param {() => void} act
 */
function guarded({ session }, link, act) {
  const may = () => mayChange(link(), session);
  const refusal = () => refusalOf(link());
  const run = () => (may() ? act() : toast(refusal()));
  const button = (/** @type {SVGElement} */ shape, /** @type {string} */ words) => h("button", {
    class: "button", type: "button", onclick: run, "aria-disabled": !may() && "true", title: !may() && refusal(),
  }, shape, words);
  return { run, button };
}
