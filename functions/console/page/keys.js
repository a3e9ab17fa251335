import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { keep, kept } from "./kept.js";

/**
 * A shortcut's action. Two keys, such as "g l", are typed one after the other.
 * @typedef {{ group: "Move" | "Do", words: string, run: () => unknown }} Shortcut
 */

/** The maximum time between the two keys of a two-key shortcut, in milliseconds. */
const SEQUENCE_TIMEOUT = 1_500;
const SWITCH = "signpost.keys";

/** @type {Map<string, Shortcut>} */
const shortcuts = new Map();

/**
 * Adds shortcuts, and removes them when `signal` is aborted. They do nothing in fields, dialogs and menus, or with
 * Ctrl, Alt or Meta.
 * @param {Record<string, Shortcut>} added
 * @param {AbortSignal} [signal]
 */
export function addShortcuts(added, signal) {
  for (const [keys, shortcut] of Object.entries(added)) {
    shortcuts.set(keys, shortcut);
    signal?.addEventListener("abort", () => shortcuts.get(keys) === shortcut && shortcuts.delete(keys));
  }
}

/** Starts to listen for shortcuts. */
export function listenForKeys() {
  let first = "";
  let at = 0;
  addShortcuts({ "?": { group: "Move", words: "Show the keys", run: showShortcuts } });
  document.addEventListener("keydown", (event) => {
    if (!keysAreOn() || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open], :popover-open") || isField(event.target)) return;
    const sequence = `${first} ${event.key}`;
    const shortcut = event.timeStamp - at < SEQUENCE_TIMEOUT && first ? shortcuts.get(sequence) : undefined;
    const found = shortcut ?? shortcuts.get(event.key);
    first = [...shortcuts.keys()].some((keys) => keys.startsWith(`${event.key} `)) ? event.key : "";
    at = event.timeStamp;
    if (!found || (event.key === "Enter" && isControl(event.target))) return;
    event.preventDefault();
    first = "";
    found.run();
  });
}

/** Whether shortcuts are switched on. */
export function keysAreOn() {
  return kept(SWITCH) !== "off";
}

/**
 * Switches shortcuts on or off, in this browser.
 * @param {boolean} on
 */
function switchKeys(on) {
  keep(SWITCH, on ? null : "off");
}

/** The checkbox that switches shortcuts on or off, with its label. */
export function keySwitch() {
  const box = h("input", { type: "checkbox", onchange: () => switchKeys(box.checked) });
  box.checked = keysAreOn();
  return h("label", { class: "check" }, box, "Keyboard shortcuts");
}

/** Shows the shortcuts of the current screen. */
export function showShortcuts() {
  const column = (/** @type {Shortcut["group"]} */ group) => h("div", null,
    h("h3", null, group),
    h("dl", { class: "keys" }, [...shortcuts].filter(([, shortcut]) => shortcut.group === group).map(([keys, { words }]) =>
      h("div", null, h("dt", null, keys.split(" ").map((key) => h("kbd", null, key === "Escape" ? "Esc" : key))), h("dd", null, words)))),
  );
  openDialog("Keyboard shortcuts", (dialog) => [
    h("div", { class: "columns" }, column("Move"), column("Do")),
    h("div", { class: "actions" }, keySwitch(), h("button", { class: "button", type: "button", onclick: () => dialog.close("") }, "Close")),
  ], { class: "wide" });
}

/** @param {EventTarget | null} target */
function isField(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}

/** @param {EventTarget | null} target */
function isControl(target) {
  return target instanceof HTMLElement && target.matches("a, button, summary, input");
}
