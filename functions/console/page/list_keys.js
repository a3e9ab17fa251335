import { deleteLink } from "./changes.js";
import { copyUrl } from "./copy.js";
import { openLinkForm } from "./form.js";
import { addShortcuts } from "./keys.js";
import { mayChange, refusalOf } from "./people.js";
import { linkHash } from "./routes.js";
import { toast } from "./toast.js";

/**
 * The shortcuts of the list.
 * @param {import("./context.js").Context} context
 * @param {import("./rows.js").Rows} rows
 * @param {{ find: () => void, leave: () => void }} on `leave`: clears the selection or, if nothing is selected, the filters.
 * @param {AbortSignal} signal
 */
export function addListKeys(context, rows, on, signal) {
  // If no link is current yet, pressing a key just makes the first link current, so that the reader sees which link the
  // keys apply to.
  const withLink = (/** @type {(link: import("api").Link) => void} */ run) => () => {
    if (rows.link) run(rows.link);
    else rows.move(1);
  };
  const withOwn = (/** @type {(link: import("api").Link) => void} */ run) => withLink((link) => {
    if (mayChange(link, context.session)) run(link);
    else toast(refusalOf(link));
  });
  addShortcuts({
    "/": { group: "Move", words: "Find", run: on.find },
    j: { group: "Move", words: "Next link", run: () => rows.move(1) },
    k: { group: "Move", words: "Previous link", run: () => rows.move(-1) },
    Enter: { group: "Move", words: "Open the link's page", run: withLink((link) => (location.hash = linkHash(link.org_id, link.id))) },
    Escape: { group: "Move", words: "Clear the selection or the filters", run: on.leave },
    c: { group: "Do", words: "New link", run: () => openLinkForm(context, {}) },
    y: { group: "Do", words: "Copy the short link", run: withLink((link) => copyUrl(link.short_url)) },
    e: { group: "Do", words: "Edit", run: withOwn((link) => openLinkForm(context, { link })) },
    x: { group: "Do", words: "Select", run: withLink((link) => rows.select(link.birth)) },
    "#": { group: "Do", words: "Delete", run: withOwn(deleteLink) },
  }, signal);
}
