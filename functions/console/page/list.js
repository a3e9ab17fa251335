import { h } from "./dom.js";

/** @type {import("./main.js").Screen} */
export function showLinks() {
  return h("section", null, h("h1", { tabindex: "-1" }, "list"));
}
