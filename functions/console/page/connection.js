import { announce, element, h } from "./dom.js";
import { askSession } from "./session.js";

/** The channel between the console's tabs. Each message says who signed in, or that the session has ended. */
const tabs = new BroadcastChannel("signpost");

/** @type {{ user: string, signedIn: Promise<void> | null, loadedAt: Date | null }} */
const connection = { user: "", signedIn: null, loadedAt: null };

let isStartingAgain = false;

/** Reloads the page for the user who is now signed in. Calling this more than once has no further effect. */
function startAgain() {
  if (isStartingAgain) return;
  isStartingAgain = true;
  location.reload();
}

/**
 * Watches the session of this user: reports it to other tabs, and reloads the page when another user signs in.
 * @param {string} user
 */
export function watchSession(user) {
  connection.user = user;
  tabs.postMessage({ signedIn: user });
  tabs.addEventListener("message", ({ data }) => {
    if (data?.signedOut || (data?.signedIn && data.signedIn !== user)) startAgain();
  });
  // A sign-in that ends on a page outside the console is not reported to this tab, so this tab checks the session when
  // the reader returns.
  document.addEventListener("visibilitychange", async () => {
    if (document.visibilityState !== "visible") return;
    const state = await askSession();
    if (state.kind === "signed-in" && state.session.user_id !== user) startAgain();
  });
}

/** Notifies the other tabs that the session has ended. */
export function reportSignOut() {
  tabs.postMessage({ signedOut: true });
}

/** Remembers that the page's content was just loaded. */
export function noteLoaded() {
  connection.loadedAt = new Date();
  hideBanner("outage");
}

/**
 * Shows that the session has ended, and waits until the same user is signed in again, here or in another tab. If another user
 * signs in, the page reloads for that user.
 * @returns {Promise<void>}
 */
export function sessionEnded() {
  connection.signedIn ??= new Promise((resolve) => {
    const signIn = h("a", { class: "button", href: "/-/sign-in?return_to=%2F%23signed-in", target: "_blank" }, "Sign in again");
    showBanner("session", "Your session ended. Nothing you typed is lost.", signIn);
    const check = async () => {
      const state = await askSession();
      if (state.kind !== "signed-in") return;
      // Requests that are still waiting belong to the previous user, and are never sent.
      if (state.session.user_id !== connection.user) return startAgain();
      stop.abort();
      connection.signedIn = null;
      hideBanner("session");
      announce("You are signed in again.");
      resolve();
    };
    const stop = new AbortController();
    tabs.addEventListener("message", check, { signal: stop.signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check(), { signal: stop.signal });
  });
  return connection.signedIn;
}

/**
 * Shows that Signpost cannot be reached, and waits until the next attempt is due: when the browser is online again, when the
 * time is up, or when the reader presses the button.
 * @param {number} seconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function outage(seconds, signal) {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const again = () => {
      over.abort();
      clearInterval(timer);
      resolve();
    };
    let left = seconds;
    const show = () => {
      if (!navigator.onLine) {
        const time = connection.loadedAt?.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
        showBanner("outage", time ? `You're offline. Links as of ${time}.` : "You're offline.");
        return;
      }
      const retry = h("button", { class: "button", type: "button", onclick: again }, "Retry now");
      showBanner("outage", `Signpost isn't responding. Retrying in ${left} s.`, retry);
      if (left-- <= 0) again();
    };
    const timer = setInterval(show, 1000);
    addEventListener("online", again, { signal: over.signal });
    addEventListener("offline", show, { signal: over.signal });
    signal?.addEventListener("abort", () => {
      over.abort();
      clearInterval(timer);
      reject(signal.reason);
    }, { signal: over.signal });
    show();
  });
}

/**
 * Shows a banner above everything, or changes its sentence. Screen readers read out only its first sentence, not a countdown.
 * @param {"session" | "outage"} kind
 * @param {string} sentence
 * @param {HTMLElement} [action]
 */
function showBanner(kind, sentence, action) {
  const banner = element(`${kind}-banner`);
  const words = banner.querySelector("p");
  if (banner.hidden || !words) {
    banner.replaceChildren(h("p", null, sentence), action ?? "");
    banner.hidden = false;
    announce(sentence);
    return;
  }
  words.textContent = sentence;
  if (!action) banner.querySelector(".button")?.remove();
  else if (!banner.querySelector(".button")) banner.append(action);
}

/** @param {"session" | "outage"} kind */
function hideBanner(kind) {
  element(`${kind}-banner`).hidden = true;
}
