/**
 * The text that this browser stores under a name, or null if there is no such text or the browser blocks storage.
 * @param {string} name
 * @param {"localStorage" | "sessionStorage"} [where]
 * @returns {string | null}
 */
export function kept(name, where = "localStorage") {
  try {
    return globalThis[where].getItem(name);
  } catch {
    return null;
  }
}

/**
 * Stores a text under a name in this browser, or removes it.
 * @param {string} name
 * @param {string | null} text The text to store, or null to remove the stored text.
 * @param {"localStorage" | "sessionStorage"} [where]
 */
export function keep(name, text, where = "localStorage") {
  try {
    if (text === null) globalThis[where].removeItem(name);
    else globalThis[where].setItem(name, text);
  } catch {
    // The console also works if the browser's storage is full or blocked.
  }
}
