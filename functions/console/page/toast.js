import { announce, element, h, icon } from "./dom.js";

/** How long a message stays, without and with an action, in milliseconds. */
const STAY = 5_000;
const STAY_WITH_ACTION = 20_000;

/** @type {number | undefined} */
let toastTimer;

/**
 * Shows a message at the bottom for a while; screen readers read it out. The message stays while the pointer or the focus is on it.
 * @param {string} sentence
 * @param {{ label: string, run: () => void }} [action] What the reader can do about it.
 * @param {HTMLElement | null} [more] An element to show after the sentence.
 */
export function toast(sentence, action, more = null) {
  const box = element("toast");
  const close = () => {
    box.hidden = true;
    box.replaceChildren();
  };
  const stay = action ? STAY_WITH_ACTION : STAY;
  const start = () => {
    clearTimeout(toastTimer);
    toastTimer = setTimeout(close, stay);
  };
  const act = () => {
    close();
    action?.run();
  };
  const content = h("div", { class: "toast-content" },
    h("div", null, h("p", null, sentence), more),
    action && h("button", { class: "button", type: "button", onclick: act }, action.label),
    h("button", { class: "plain", type: "button", "aria-label": "Close message", onclick: close }, icon("close")),
  );
  for (const kind of ["pointerenter", "focusin"]) content.addEventListener(kind, () => clearTimeout(toastTimer));
  for (const kind of ["pointerleave", "focusout"]) content.addEventListener(kind, start);
  box.replaceChildren(content);
  box.hidden = false;
  announce(sentence);
  start();
}
