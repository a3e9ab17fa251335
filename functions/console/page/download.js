import { h } from "./dom.js";

/**
 * Saves a file on the reader's machine.
 * @param {string} name
 * @param {Blob} file
 */
export function download(name, file) {
  const url = URL.createObjectURL(file);
  h("a", { href: url, download: name }).click();
  // The browser reads the file after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Today's date for the names of files, such as `2026-11-26`. */
export function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
