/**
 * What one part of the page reports to the others: that a link was created, changed or deleted, with the link's new state or, if
 * it was deleted, its last state; or that the organization's handle changed.
 * @typedef {import("api").Link} Link
 * @typedef {import("api").Handles} Handles
 * @typedef {{ "link-created": Link, "link-changed": Link, "link-deleted": Link, "handle-changed": Handles }} Reports
 */

const bus = new EventTarget();

/**
 * Calls `listener` for each report of this kind, until `signal` is aborted.
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
