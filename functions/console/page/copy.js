import { toast } from "./toast.js";

/**
 * Copies a short URL and says so. If the browser blocks it, the text of `shown` is selected, for the reader to copy.
 * @param {string} url
 * @param {Element | null} [shown] An element whose text is the URL.
 * @param {{ label: string, run: () => void }} [action] For the message.
 * @returns {Promise<boolean>} Whether it was copied.
 */
export function copyUrl(url, shown, action) {
  return copyText(url, `Copied ${withoutScheme(url)}`, shown, action);
}

/**
 * Copies any other text, and says `copied`.
 * @param {string} text
 * @param {string} copied
 * @param {Element | null} [shown]
 * @param {{ label: string, run: () => void }} [action]
 * @returns {Promise<boolean>}
 */
export async function copyText(text, copied, shown, action) {
  try {
    await navigator.clipboard.writeText(text);
    toast(copied, action);
    return true;
  } catch {
    if (shown) getSelection()?.selectAllChildren(shown);
    toast("Your browser blocked copying. Press Ctrl+C.", action);
    return false;
  }
}

/**
 * A URL as people say it.
 * @param {string} url
 */
export function withoutScheme(url) {
  return url.replace(/^https?:\/\//i, "");
}
