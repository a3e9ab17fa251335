import { h } from "./dom.js";
import { nameOf } from "./session.js";

/**
 * The address of a sign-in that returns to the current place in the console.
 * @param {boolean} [change] Whether to choose another account.
 */
export function signInUrl(change = false) {
  // A sign-in can return only to the main page. From there, `boot` redirects to the page for importing.
  const place = location.pathname === "/" ? location.hash : "";
  return `/-/sign-in?return_to=${encodeURIComponent(`/${place}`)}${change ? "&change=1" : ""}`;
}

/** The page for a visitor who is not signed in. */
export function signedOutScreen() {
  return startScreen("Short links for your team", "Sign in to create, find and measure them.",
    h("a", { class: "button primary", href: signInUrl() }, "Sign in"));
}

/** The page for a deployment without browser sign-in. */
export function notConfiguredScreen() {
  return startScreen("Short links for your team", "Sign-in isn't set up. If you run this server, set SignInClientId.");
}

/**
 * The page for a user who belongs to no organization.
 * @param {import("./session.js").Session} session
 */
export function noOrganizationScreen(session) {
  return startScreen("No organization yet", `${nameOf(session)}, you aren't in any organization yet. Ask an admin to add you.`,
    h("button", { class: "button primary", type: "button", onclick: () => location.reload() }, "Check again"),
    h("a", { class: "button", href: signInUrl(true) }, "Use another account"));
}

/** The page that is shown if the address belongs to an organization that the user is not a member of. */
export function notYoursScreen() {
  return startScreen("Not your organization", "This page belongs to an organization that your account isn't in.",
    h("a", { class: "button primary", href: "/#" }, "Go to your links"), h("a", { class: "button", href: signInUrl(true) }, "Use another account"));
}

/** The page that a new tab shows after the user has signed in again there. */
export function signedInAgainScreen() {
  return startScreen("You're signed in", "Close this tab to go on in the other one.", h("a", { class: "button", href: "#" }, "Open your links here"));
}

/** The page that is shown until the first responses arrive. */
export function loadingScreen() {
  const row = () => h("div", { class: "skeleton-row" }, h("div", { class: "skeleton" }), h("div", { class: "skeleton short" }));
  return h("div", { class: "skeletons", "aria-busy": "true", "aria-label": "Loading", role: "group" },
    h("h1", { class: "for-screen-readers" }, "Loading"), row(), row(), row(), row(), row());
}

/**
 * @param {string} title
 * @param {string} sentence
 * @param {...HTMLElement} actions
 */
function startScreen(title, sentence, ...actions) {
  return h("section", { class: "start" },
    h("h1", { tabindex: "-1" }, title),
    h("p", { class: "lead" }, sentence),
    actions.length > 0 && h("p", { class: "choices" }, actions),
    h("p", { class: "more" }, h("a", { href: "/docs" }, "API documentation")),
  );
}
