import { h } from "./dom.js";

/**
 * A form field and the text below it.
 * @typedef {object} Field
 * @property {HTMLElement} node The element with the label, the control and the text below it.
 * @property {HTMLElement} control The element that takes the focus.
 * @property {(fault: string, ...more: (Node | string)[]) => void} fail Shows a fault; "" removes it.
 * @property {(...words: (Node | string)[]) => void} hint Shows a hint instead of a fault.
 */

let fieldNumber = 0;

/**
 * Makes a form field from a control.
 * @param {string} label
 * @param {HTMLElement} control The control. If the control has no id, one is added. The text below the field becomes the control's description.
 * @param {{ optional?: boolean, around?: HTMLElement, hint?: string }} [options] `around` contains the control and is shown instead of it.
 * @returns {Field}
 */
export function fieldOf(label, control, { optional = false, around, hint = "" } = {}) {
  const name = `field-${++fieldNumber}`;
  control.id ||= name;
  const sentence = h("p", { class: "hint", id: `${name}-hint` }, hint);
  control.setAttribute("aria-describedby", sentence.id);
  const node = h("div", { class: "field" },
    h("label", { for: control.id }, label, optional && h("span", { class: "optional" }, " optional")),
    around ?? control,
    sentence,
  );
  const say = (/** @type {boolean} */ isFault, /** @type {(Node | string)[]} */ words) => {
    sentence.replaceChildren(...words.flatMap((word) => [word, " "]).slice(0, -1));
    sentence.classList.toggle("fault", isFault);
    node.classList.toggle("failed", isFault);
    if (isFault) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  };
  return {
    node,
    control,
    fail: (fault, ...more) => (fault ? say(true, [fault, ...more]) : say(false, hint ? [hint] : [])),
    hint: (...words) => say(false, words),
  };
}

/**
 * A button that looks like a word in a sentence.
 * @param {string} words
 * @param {() => void} run
 */
export function textButton(words, run) {
  return h("button", { class: "text", type: "button", onclick: run }, words);
}
