import { askSession, endSession } from "./session.js";
import { element, focusTitle, nameOf, show, showAccount } from "./view.js";

/** How long to wait before the skeleton, in milliseconds: an answer mostly comes earlier, and nothing flickers. */
const SKELETON_DELAY = 150;
/** The longest delay that `setTimeout` takes. */
const MAX_DELAY = 2 ** 31 - 1;

let timer = 0;
let countdown = 0;

/**
 * Asks who is signed in and shows it.
 * @param {string} [signedOutStatus] What to say if no one is.
 * @param {boolean} [skeleton] Whether to show that the answer is awaited.
 */
async function refresh(signedOutStatus = "", skeleton = true) {
  clearTimeout(timer);
  clearInterval(countdown);
  if (skeleton) timer = setTimeout(() => show("loading", "Loading"), SKELETON_DELAY);
  const state = await askSession();
  clearTimeout(timer);
  const session = "session" in state ? state.session : null;
  showAccount(session);
  switch (state.kind) {
    case "signed-in":
    case "no-organization":
      show(state.kind, `Signed in as ${nameOf(state.session)}.`);
      endAt(new Date(state.session.expires_at));
      break;
    case "signed-out":
      show(state.kind, signedOutStatus);
      break;
    case "offline":
      unavailable("You're offline.", 0);
      break;
    case "unavailable":
      unavailable("Signpost isn't responding.", state.retryAfter);
  }
}

/**
 * Shows that the session is over once it is.
 * @param {Date} end
 */
function endAt(end) {
  const delay = end.getTime() - Date.now();
  if (delay > MAX_DELAY) return;
  timer = setTimeout(async () => {
    element("session-ended").hidden = false;
    await refresh("Your session ended.");
  }, Math.max(0, delay) + 1000);
}

/**
 * Shows why nothing is shown, and tries again.
 * @param {string} title
 * @param {number} seconds Until then; 0 waits until the browser is online.
 */
function unavailable(title, seconds) {
  element("unavailable-title").textContent = title;
  element("countdown").textContent = "";
  show("unavailable", title);
  if (seconds === 0) return;
  let left = seconds;
  const tick = () => {
    element("countdown").textContent = `Retrying in ${left} s.`;
    if (left-- <= 0) refresh();
  };
  countdown = setInterval(tick, 1000);
  tick();
}

element("sign-out").addEventListener("click", async (event) => {
  const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
  button.disabled = true;
  const ended = await endSession();
  button.disabled = false;
  if (!ended) {
    element("status").textContent = "Signpost isn't responding. You are still signed in.";
    return;
  }
  element("session-ended").hidden = true;
  await refresh("You are signed out.");
  focusTitle();
});
element("retry").addEventListener("click", async () => {
  await refresh();
  focusTitle();
});
addEventListener("online", () => refresh());
// Another tab may have signed out.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") refresh("You are signed out.", false);
});
// A page that the back button brings back shows what it showed then.
addEventListener("pageshow", (event) => event.persisted && refresh());

// The host that was asked for first is no part of the address.
if (location.search) history.replaceState(null, "", location.pathname + location.hash);
refresh();
