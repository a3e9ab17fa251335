/**
 * The reports that one part of the page sends to the others. A report about a created or changed link contains
 * the link's new state. A report about a deleted link contains its last state. A report about a changed handle contains all handles.
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
