/**
 * What one part of the page reports to the others: a link that was created, changed or deleted (with its new form; of a
 * deleted one, its last), or the organization's handle.
 * @typedef {import("api").Link} Link
 * @typedef {import("api").Handles} Handles
 * @typedef {{ "link-created": Link, "link-changed": Link, "link-deleted": Link, "handle-changed": Handles }} Reports
 */

const bus = new EventTarget();

/**
 * Calls `listener` at each report of this kind, until `signal` is aborted.
 * @template {keyof Reports} K
 * @param {K} kind
 * @param {(detail: Reports[K]) => void} listener
 * @param {AbortSignal} signal
 */
export function listen(kind, listener, signal) {
  bus.addEventListener(kind, (event) => listener(/** @type {CustomEvent} */ (event).detail), { signal });
}

/**
 * Reports something to all listeners.
 * @template {keyof Reports} K
 * @param {K} kind
 * @param {Reports[K]} detail
 */
export function report(kind, detail) {
  bus.dispatchEvent(new CustomEvent(kind, { detail }));
}
