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
 * Creates a screen. It fills itself as responses arrive, until `signal` is aborted because the reader left the screen.
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
