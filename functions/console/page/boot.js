import { fillBar } from "./bar.js";
import { outage, watchSession } from "./connection.js";
import { organizationName, organizationOf, rememberOrganization } from "./context.js";
import { element } from "./dom.js";
import { keep, kept } from "./kept.js";
import { addShortcuts, listenForKeys } from "./keys.js";
import { historyHash, importPage, linksHash, overviewHash, routeOf, settingsHash } from "./routes.js";
import { askSession } from "./session.js";
import { loadingScreen, noOrganizationScreen, notConfiguredScreen, notYoursScreen, signedOutScreen } from "./start.js";

/** The delay before the skeleton appears, in milliseconds: most responses arrive first, so nothing flickers. */
const SKELETON_DELAY = 150;

const PLACE = "signpost.place";

/**
 * Finds out who is signed in, and then calls `show` now and whenever the address changes. Anyone who cannot use the page gets a
 * screen that says why.
 * @param {(session: import("./session.js").Session, moveFocus: boolean) => void} show `moveFocus`: whether the reader came from
 *   another screen, so that the focus must move.
 */
export async function boot(show) {
  // The browser must not restore the scroll position, because each screen restores its own when it is shown again.
  history.scrollRestoration = "manual";
  // Removes the query parameter that another host added when it redirected the browser to this page.
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);
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
    // A sign-in can return only to a short address of the console, so the browser stores the full address.
    keep(PLACE, location.pathname + location.hash, "sessionStorage");
    return mount(signedOutScreen());
  }
  const place = kept(PLACE, "sessionStorage");
  keep(PLACE, null, "sessionStorage");
  if (place && !location.hash) {
    if (new URL(place, location.href).pathname !== location.pathname) return location.replace(place);
    history.replaceState(null, "", place);
  }
  const { session } = state;
  watchSession(session.user_id);
  if (session.organizations.length === 0) return mount(noOrganizationScreen(session));

  addEventListener("hashchange", () => show(session, true));
  listenForKeys();
  const goTo = (/** @type {string} */ words, /** @type {(org: string) => string} */ addressOf) => ({
    group: /** @type {const} */ ("Move"), words: `Go to ${words}`, run: () => {
      const org = organizationOf(session, routeOf(location.hash).org);
      if (org) location.href = addressOf(org.id).replace(/^#/, "/#");
    },
  });
  addShortcuts({
    "g l": goTo("links", linksHash), "g o": goTo("the overview", overviewHash), "g h": goTo("the history", historyHash),
    "g i": goTo("import and export", importPage), "g s": goTo("settings", settingsHash),
  });
  show(session, false);
}

/**
 * Shows the organization of the address in the bar and in the title, and returns its context. If the user is not a
 * member, shows a page that says so, and returns null.
 * @param {import("./session.js").Session} session
 * @param {string} id The organization's id. If it is empty, `organizationOf` chooses the organization.
 * @param {string} screen The screen to highlight in the bar.
 * @param {boolean} moveFocus
 * @returns {import("./context.js").Context | null}
 */
export function contextOf(session, id, screen, moveFocus) {
  const org = organizationOf(session, id);
  if (!org) {
    fillBar(null, "");
    mount(notYoursScreen(), moveFocus);
    return null;
  }
  rememberOrganization(org);
  const context = { session, org };
  fillBar(context, screen);
  document.title = `${organizationName(org)} · Signpost`;
  return context;
}

/**
 * @param {HTMLElement} screen
 * @param {boolean} [moveFocus]
 */
export function mount(screen, moveFocus = false) {
  element("screen").replaceChildren(screen);
  if (!moveFocus) return;
  scrollTo(0, 0);
  screen.querySelector("h1")?.focus({ preventScroll: true });
}
