import { h } from "./dom.js";
import { toast } from "./toast.js";

/**
 * Copies a short URL and shows a message. If the browser blocks copying, the message contains the URL as selected text.
 * @param {string} url
 * @param {(() => unknown) | null} [undo] Undoes the change that the message reports.
 * @returns {Promise<boolean>} Whether it was copied.
 */
export function copyUrl(url, undo) {
  return copyText(url, `Copied ${withoutScheme(url)}`, undo);
}

/**
 * Copies any text, and shows the message `copied`.
 * @param {string} text
 * @param {string} copied
 * @param {(() => unknown) | null} [undo]
 * @returns {Promise<boolean>}
 */
export async function copyText(text, copied, undo) {
  try {
    await navigator.clipboard.writeText(text);
    toast(copied, undo);
    return true;
  } catch {
    const field = h("input", { class: "to-copy", value: text, readonly: true, "aria-label": "Text to copy" });
    toast("Your browser blocked copying. Press Ctrl+C.", undo, field);
    field.select();
    // Over plain HTTP, browsers have no clipboard API, but the older command still works.
    if (!document.execCommand("copy")) return false;
    toast(copied, undo);
    return true;
  }
}

/**
 * A URL without its scheme, as people say it.
 * @param {string} url
 */
export function withoutScheme(url) {
  return url.replace(/^https?:\/\//i, "");
}
