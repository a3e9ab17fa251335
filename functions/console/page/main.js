import { fillBar } from "./bar.js";
import { outage, watchSession } from "./connection.js";
import { organizationName, organizationOf, rememberOrganization } from "./context.js";
import { element } from "./dom.js";
import { openLinkForm } from "./form.js";
import { showHistory } from "./history_screen.js";
import { keep, kept } from "./kept.js";
import { addShortcuts, listenForKeys } from "./keys.js";
import { showLink } from "./link.js";
import { showLinks } from "./list.js";
import { showOverview } from "./overview.js";
import { historyHash, linksHash, overviewHash, routeOf, settingsHash } from "./routes.js";
import { askSession } from "./session.js";
import { showSettings } from "./settings.js";
import {
  loadingScreen, noOrganizationScreen, notConfiguredScreen, notYoursScreen, signedInAgainScreen, signedOutScreen,
} from "./start.js";

/** The delay before the skeleton appears, in milliseconds: most responses arrive first, so nothing flickers. */
const SKELETON_DELAY = 150;

const PLACE = "signpost.place";

/**
 * Creates a screen. It fills itself as responses arrive, until `signal` is aborted because the reader left the screen.
 * @typedef {(context: import("./context.js").Context, route: import("./routes.js").Route, signal: AbortSignal) => HTMLElement} Screen
 */

/** @type {Record<string, Screen>} */
const SCREENS = { links: showLinks, link: showLink, overview: showOverview, history: showHistory, settings: showSettings };

/** Aborts the current screen's requests. */
let shown = new AbortController();

/** Finds out who is signed in, and shows the console or the sign-in page. */
async function start() {
  const skeleton = setTimeout(() => mount(loadingScreen()), SKELETON_DELAY);
  let state = await askSession();
  while (state.kind === "offline" || state.kind === "unavailable") {
    await outage(state.kind === "unavailable" ? state.retryAfter : 5);
    state = await askSession();
  }
  clearTimeout(skeleton);
  element("outage-banner").hidden = true;
  if (state.kind === "not-configured") return mount(notConfiguredScreen());
  if (state.kind === "signed-out") {
    // A sign-in can return only to a short address, so the browser stores the full address.
    keep(PLACE, location.hash, "sessionStorage");
    return mount(signedOutScreen());
  }
  const place = kept(PLACE, "sessionStorage");
  keep(PLACE, null, "sessionStorage");
  if (place && !location.hash) history.replaceState(null, "", `/${place}`);
  const { session } = state;
  watchSession(session.user_id);
  if (session.organizations.length === 0) return mount(noOrganizationScreen(session));

  addEventListener("hashchange", () => show(session, true));
  listenForKeys();
  addShortcuts({
    "g l": { group: "Move", words: "Go to links", run: () => go(session, linksHash) },
    "g o": { group: "Move", words: "Go to the overview", run: () => go(session, overviewHash) },
    "g h": { group: "Move", words: "Go to the history", run: () => go(session, historyHash) },
    "g s": { group: "Move", words: "Go to settings", run: () => go(session, settingsHash) },
  });
  show(session, false);
}

/**
 * Shows the screen at the current address.
 * @param {import("./session.js").Session} session
 * @param {boolean} moveFocus Whether the reader came from another screen, so that the focus must move.
 */
function show(session, moveFocus) {
  const route = routeOf(location.hash);
  if (route.screen === "signed-in") return mount(signedInAgainScreen());
  const org = organizationOf(session, route.org);
  if (!org) {
    fillBar(null, "");
    return mount(notYoursScreen(), moveFocus);
  }
  rememberOrganization(org);
  const context = { session, org };
  if (route.screen === "start" || route.screen === "new") history.replaceState(null, "", linksHash(org.id));
  const at = route.screen === "start" || route.screen === "new" ? routeOf(location.hash) : route;
  shown.abort();
  shown = new AbortController();
  fillBar(context, at.screen);
  document.title = `${organizationName(org)} · Signpost`;
  const screen = SCREENS[at.screen];
  if (screen) mount(screen(context, at, shown.signal), moveFocus);
  if (route.screen === "new") {
    const { slug, query } = route;
    openLinkForm(context, { isFromAddress: true, shortName: slug, url: query.get("url") ?? "", title: query.get("title") ?? "" });
  }
}

/**
 * @param {HTMLElement} screen
 * @param {boolean} [moveFocus]
 */
function mount(screen, moveFocus = false) {
  element("screen").replaceChildren(screen);
  if (!moveFocus) return;
  scrollTo(0, 0);
  screen.querySelector("h1")?.focus({ preventScroll: true });
}

/**
 * @param {import("./session.js").Session} session
 * @param {(org: string) => string} hashOf
 */
function go(session, hashOf) {
  const org = organizationOf(session, routeOf(location.hash).org);
  if (org) location.hash = hashOf(org.id);
}

// The browser must not restore the scroll position, because each screen restores its own when it is shown again.
history.scrollRestoration = "manual";
// Removes the query parameter that another host added when it redirected the browser to this page.
if (location.search) history.replaceState(null, "", location.pathname + location.hash);
start();
