import { callApi, isAborted, linkPath, Problem } from "./api.js";
import { listen } from "./bus.js";
import { clicksPart } from "./clicks.js";
import { organizationName } from "./context.js";
import { withoutScheme } from "./copy.js";
import { h, icon } from "./dom.js";
import { openLinkForm } from "./form.js";
import { historyPart } from "./history_part.js";
import { addShortcuts } from "./keys.js";
import { linkHead } from "./link_head.js";
import { failure } from "./parts.js";
import { linkHash, linksHash } from "./routes.js";
import { shortBaseOf } from "./short_base.js";
import { loadingScreen } from "./start.js";
import { foldedShortName } from "./text.js";
import { inAddress } from "./series.js";

/**
 * @typedef {import("api").Link} Link
 * @typedef {import("./context.js").Context} Context
 */

/** How long to wait before showing the skeleton, in milliseconds. */
const LINK_SKELETON_DELAY = 150;

/**
 * The page of a link: its details, its actions, and its clicks.
 * @type {import("./main.js").Screen}
 */
export function showLink(context, { slug, query }, signal) {
  const { org } = context;
  const body = h("div", { "aria-busy": "true" }, h("h1", { tabindex: "-1" }, `/${slug}`));
  const leave = () => (location.hash = linksHash(org.id));
  addShortcuts({ Escape: { group: "Move", words: "Back to the links", run: leave } }, signal);

  /** Cancels the previous attempt to fill the page. */
  let attempt = new AbortController();

  const fill = async () => {
    attempt.abort();
    attempt = new AbortController();
    const until = AbortSignal.any([signal, attempt.signal]);
    document.title = `/${slug} · ${organizationName(org)} · Signpost`;
    body.setAttribute("aria-busy", "true");
    const link = callApi("GET", linkPath(org.id, slug), { signal: until }).then((answer) => /** @type {Link} */ (answer.body));
    const chosen = (/** @type {import("./series.js").Range} */ range) => history.replaceState(null, "", linkHash(org.id, slug, inAddress(range)));
    const clicks = clicksPart({ org: org.id, slug, range: query.get("range"), link, chosen }, until);
    const skeleton = setTimeout(() => body.append(loadingScreen()), LINK_SKELETON_DELAY);
    try {
      const found = await link;
      clearTimeout(skeleton);
      fillFound(found, clicks, until);
    } catch (error) {
      clearTimeout(skeleton);
      if (isAborted(error)) return;
      put(...(error instanceof Problem && error.status === 404 ? await missing(until) : failed(error)));
    }
    body.removeAttribute("aria-busy");
  };

  /** Replaces the page's content. If the focus was in the old content, moves the focus to the title. */
  const put = (/** @type {HTMLElement[]} */ ...content) => {
    const hadFocus = body.contains(document.activeElement);
    body.replaceChildren(...content);
    if (hadFocus) body.querySelector("h1")?.focus();
  };

  const fillFound = (/** @type {Link} */ found, /** @type {ReturnType<typeof clicksPart>} */ clicks, /** @type {AbortSignal} */ until) => {
    // The address contained a previous short name.
    if (found.id !== slug) return moveTo(found.id);
    const head = linkHead(context, found);
    put(head.element, clicks.element, historyOf(found.birth, until));
    listen("link-changed", (link) => link.birth === found.birth && (link.id === slug ? head.show(link) : moveTo(link.id)), until);
    listen("link-deleted", (link) => link.birth === found.birth && leave(), until);
    addShortcuts({
      y: { group: "Do", words: "Copy the link", run: head.copy },
      e: { group: "Do", words: "Edit", run: head.edit },
      "#": { group: "Do", words: "Delete", run: head.remove },
      ...clicks.keys,
    }, until);
  };

  const moveTo = (/** @type {string} */ id) => {
    slug = id;
    history.replaceState(null, "", linkHash(org.id, slug, Object.fromEntries(query)));
    fill();
  };

  /** Returns the card with the history of the link with this birth or short name. An empty card is hidden. */
  const historyOf = (/** @type {string} */ link, /** @type {AbortSignal} */ until) => {
    const card = h("section", { class: "card link-history", hidden: true }, h("h2", null, "History"));
    card.append(historyPart(context, { query: () => ({ link }), loaded: (isEmpty) => (card.hidden = isEmpty) }, until).element);
    return card;
  };

  /** The page of a short name that no link has. */
  const missing = async (/** @type {AbortSignal} */ until) => {
    const base = await shortBaseOf(org.id, until).catch(() => "");
    const name = foldedShortName(slug);
    listen("link-created", (link) => (link.id === slug ? fill() : (location.hash = linkHash(org.id, link.id))), until);
    return [h("div", { class: "start" },
      h("h1", { tabindex: "-1" }, `No link /${slug}`),
      h("p", { class: "lead" }, `Nothing is at ${withoutScheme(base)}/${slug}. Check the spelling, or create it.`),
      h("p", { class: "choices" },
        name && h("button", { class: "button primary", type: "button", onclick: () => openLinkForm(context, { shortName: name }) }, `Create /${name}`),
        h("a", { class: "button", href: linksHash(org.id) }, "All links"))), historyOf(slug, until)];
  };

  const failed = (/** @type {unknown} */ error) => [
    h("h1", { tabindex: "-1" }, `/${slug}`),
    ...failure(error, fill),
  ];

  fill();
  return h("section", { class: "link-page" }, h("p", { class: "back" }, h("a", { href: linksHash(org.id) }, icon("back"), "Links")), body);
}
