import { copyText } from "./copy.js";
import { h, icon } from "./dom.js";

/**
 * A card of the settings.
 * @param {string} title
 * @param {...import("./dom.js").Child} content
 */
export function settingsCard(title, ...content) {
  return h("section", { class: "card" }, h("h2", null, title), h("div", { class: "content" }, content));
}

/**
 * Text with a button that copies it. The text can be filled in later.
 * @param {string} what A word for the text, such as "address".
 * @param {string} [first]
 */
export function copyable(what, first = "") {
  const text = h("code", null, first);
  const copy = () => copyText(text.textContent ?? "", `Copied the ${what}.`);
  return { text, node: h("div", { class: "copyable" }, text, h("button", { class: "button", type: "button", "aria-label": `Copy the ${what}`, onclick: copy }, icon("copy"), "Copy")) };
}

/**
 * A term of a description list, with its description.
 * @param {string} term
 * @param {...import("./dom.js").Child} content
 */
export function described(term, ...content) {
  return h("div", null, h("dt", null, term), h("dd", null, content));
}
