import { announce, element, h, icon } from "./dom.js";
import { addShortcuts, keysAreOn } from "./keys.js";

/** How long a message stays, in milliseconds. It stays longer if it offers an undo. */
const STAY = 5_000;
const STAY_WITH_UNDO = 20_000;

/** Aborting this controller removes the current message's keyboard shortcut. */
let toastShown = new AbortController();

/** @type {number | undefined} */
let toastTimer;

/**
 * Shows a message at the bottom for a while; screen readers read it out. The message stays while the pointer or the focus is on it.
 * @param {string} sentence
 * @param {(() => unknown) | null} [undo] Undoes the change that the message reports.
 * @param {HTMLElement | null} [more] Shown after the sentence.
 */
export function toast(sentence, undo = null, more = null) {
  const box = element("toast");
  toastShown.abort();
  toastShown = new AbortController();
  const close = () => {
    toastShown.abort();
    box.hidden = true;
    box.replaceChildren();
  };
  const stay = undo ? STAY_WITH_UNDO : STAY;
  const start = () => {
    clearTimeout(toastTimer);
    toastTimer = setTimeout(close, stay);
  };
  const act = async () => {
    close();
    await undo?.();
    // The pressed button had the focus and is gone.
    if (document.activeElement === document.body) document.querySelector("h1")?.focus();
  };
  const content = h("div", { class: "toast-content" },
    h("div", null, h("p", null, sentence), more),
    undo && h("button", { class: "button", type: "button", "aria-keyshortcuts": "z", onclick: act }, "Undo", h("kbd", { "aria-hidden": "true" }, "z")),
    h("button", { class: "plain", type: "button", "aria-label": "Close message", onclick: close }, icon("close")),
  );
  for (const kind of ["pointerenter", "focusin"]) content.addEventListener(kind, () => clearTimeout(toastTimer));
  for (const kind of ["pointerleave", "focusout"]) content.addEventListener(kind, start);
  box.replaceChildren(content);
  box.hidden = false;
  announce(undo && keysAreOn() ? `${sentence} Press z to undo.` : sentence);
  // If a dialog has hidden the message, the key does nothing.
  if (undo) addShortcuts({ z: { group: "Do", words: "Undo", run: () => box.hidden || act() } }, toastShown.signal);
  start();
}
