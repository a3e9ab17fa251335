/**
 * The console's main page. `import.js` is the other page: few people import links, so importing is not part of this page.
 *
 * The modules form three layers:
 *
 * 1. Pure modules never touch the document, and most have unit tests. For example, `routes` parses the address, `edit` finds what
 *    changed, `history` describes a change, and `series` and `axes` compute a chart's bars.
 * 2. Tools are shared. `dom` creates elements. Only `api` and `session` call the API: `session` asks who is signed in, and signs
 *    out. `connection` shows a banner and waits for the session or the API. `bus` reports to the screens which links changed.
 *    `changes` edits and deletes links, and undoes changes. `dialog`, `toast` and `keys` do what their names say.
 * 3. Screens are functions that return an element, and stop when their signal is aborted. `boot` finds out who is signed in. This
 *    module shows the screen for the address. `form` is the dialog for a new link or an edit.
 *
 * If the session has ended, a request waits until the same user is signed in again, and is then sent again. So forms do not handle
 * sessions.
 */
import { boot, contextOf, mount } from "./boot.js";
import { organizationOf } from "./context.js";
import { openLinkForm } from "./form.js";
import { showHistory } from "./history_screen.js";
import { showLink } from "./link.js";
import { showLinks } from "./list.js";
import { showOverview } from "./overview.js";
import { linksHash, routeOf } from "./routes.js";
import { showSettings } from "./settings.js";
import { signedInAgainScreen } from "./start.js";

/**
 * Creates a screen. The screen fills itself as responses arrive, until `signal` is aborted because the reader left the screen.
 * @typedef {(context: import("./context.js").Context, route: import("./routes.js").Route, signal: AbortSignal) => HTMLElement} Screen
 */

/** @type {Record<string, Screen>} */
const SCREENS = { links: showLinks, link: showLink, overview: showOverview, history: showHistory, settings: showSettings };

/** Aborts the current screen's requests. */
let shown = new AbortController();

/**
 * Shows the screen at the current address.
 * @param {import("./session.js").Session} session
 * @param {boolean} moveFocus Whether the reader came from another screen, so that the focus must move.
 */
function show(session, moveFocus) {
  const route = routeOf(location.hash);
  if (route.screen === "signed-in") return mount(signedInAgainScreen());
  const org = organizationOf(session, route.org);
  if (org && (route.screen === "start" || route.screen === "new")) history.replaceState(null, "", linksHash(org.id));
  const at = route.screen === "start" || route.screen === "new" ? routeOf(location.hash) : route;
  const context = contextOf(session, route.org, at.screen, moveFocus);
  if (!context) return;
  shown.abort();
  shown = new AbortController();
  const screen = SCREENS[at.screen];
  if (screen) mount(screen(context, at, shown.signal), moveFocus);
  if (route.screen === "new") {
    const { slug, query } = route;
    openLinkForm(context, { isFromAddress: true, shortName: slug, url: query.get("url") ?? "", title: query.get("title") ?? "" });
  }
}

boot(show);
