/**
 * What this browser keeps under a name, or null. A browser that keeps nothing, or may not, is no fault.
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
 * Has this browser keep a text under a name, or forget it.
 * @param {string} name
 * @param {string | null} text Null to forget.
 * @param {"localStorage" | "sessionStorage"} [where]
 */
export function keep(name, text, where = "localStorage") {
  try {
    if (text === null) globalThis[where].removeItem(name);
    else globalThis[where].setItem(name, text);
  } catch {
    // It is full or denied: then the page forgets.
  }
}
