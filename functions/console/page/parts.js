import { wordsOf } from "./api.js";
import { h } from "./dom.js";
import { ageOf, fullTime } from "./time.js";

/**
 * A button.
 * @param {string} words
 * @param {(() => unknown) | null} run
 * @param {string} [kind] Its look.
 */
export function button(words, run, kind = "") {
  return h("button", { class: `button ${kind}`, type: "button", onclick: run }, words);
}

/**
 * Text that only screen readers present.
 * @param {string} words
 */
export function hidden(words) {
  return h("span", { class: "for-screen-readers" }, words);
}

/**
 * How long ago something was, with the full time as a title.
 * @param {string} time
 * @param {Date} now
 */
export function age(time, now) {
  const date = new Date(time);
  return h("time", { class: "age quiet", datetime: time, title: fullTime(date) }, ageOf(date, now));
}

/**
 * Says why something could not be loaded, with a button to try again.
 * @param {unknown} error
 * @param {() => unknown} retry
 */
export function failure(error, retry) {
  return [h("p", { class: "failure", role: "alert" }, wordsOf(error)), button("Try again", retry)];
}
