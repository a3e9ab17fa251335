import { h } from "./dom.js";

/** @type {import("./main.js").Screen} */
export function showSettings() {
  return h("section", null, h("h1", { tabindex: "-1" }, "settings"));
}
