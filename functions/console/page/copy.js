import { toast } from "./toast.js";

/**
 * Copies a short URL and says so. If the browser blocks it, the text of `shown` is selected, for the reader to copy.
 * @param {string} url
 * @param {Element | null} [shown] An element whose text is the URL.
 * @param {{ label: string, run: () => void }} [action] For the message.
 * @returns {Promise<boolean>} Whether it was copied.
 */
export async function copyUrl(url, shown, action) {
  try {
    await navigator.clipboard.writeText(url);
    toast(`Copied ${withoutScheme(url)}`, action);
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
