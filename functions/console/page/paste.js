import { urlIn } from "./text.js";

/**
 * Handles a paste anywhere on the page, except in fields and dialogs, until `signal` is aborted.
 * @param {{ url: (url: string) => void, text: (text: string) => void }} take
 * @param {AbortSignal} signal
 */
export function takePastes(take, signal) {
  document.addEventListener("paste", (event) => {
    const { target } = event;
    if (target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"))) {
      if (!target.matches("[type=checkbox]")) return;
    }
    if (document.querySelector("dialog[open]")) return;
    const text = event.clipboardData?.getData("text/plain").trim() ?? "";
    if (!text) return;
    event.preventDefault();
    const url = urlIn(text);
    if (url) take.url(url);
    else take.text(text.replace(/\s+/g, " "));
  }, { signal });
}
