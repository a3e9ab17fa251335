import { h } from "./dom.js";
import { toast } from "./toast.js";

/**
 * Copies a short URL and shows a message. If the browser blocks copying, the message contains the URL, selected for the reader.
 * @param {string} url
 * @param {{ label: string, run: () => void }} [action] A button to show in the message.
 * @returns {Promise<boolean>} Whether the URL was copied.
 */
export function copyUrl(url, action) {
  return copyText(url, `Copied ${withoutScheme(url)}`, action);
}

/**
 * Copies any other text, and shows the message `copied`.
 * @param {string} text
 * @param {string} copied
 * @param {{ label: string, run: () => void }} [action]
 * @returns {Promise<boolean>}
 */
export async function copyText(text, copied, action) {
  try {
    await navigator.clipboard.writeText(text);
    toast(copied, action);
    return true;
  } catch {
    const field = h("input", { class: "to-copy", value: text, readonly: true, "aria-label": "Text to copy" });
    toast("Your browser blocked copying. Press Ctrl+C.", action, field);
    field.select();
    // Over plain HTTP, browsers have no clipboard API, but the older command still works.
    if (!document.execCommand("copy")) return false;
    toast(copied, action);
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
