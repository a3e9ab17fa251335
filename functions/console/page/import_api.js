import { callApi } from "./api.js";

/**
 * @typedef {import("./import_rows.js").Row} Row
 * @typedef {Record<string, string>} Options The query parameters that the reader chose.
 */

/**
 * Sends a file, or rows as lines of JSON, to be imported or checked. During an outage, waits and tries again: Signpost recognizes rows that
 * are already imported.
 * @param {string} org
 * @param {Blob} file
 * @param {Record<string, string | number | null | undefined>} query
 * @param {AbortSignal} signal
 * @returns {Promise<import("api").Import>}
 * @throws {import("./api.js").Problem}
 */
export async function sendRows(org, file, query, signal) {
  return (await callApi("POST", `/${encodeURIComponent(org)}/-/import`, { query, body: file, signal, waits: true })).body;
}

/**
 * Finds out what an import of the file would do. Writes nothing.
 * @param {string} org
 * @param {Blob} file
 * @param {Options} options
 * @param {AbortSignal} signal
 * @param {(done: number, total: number) => void} progress
 * @returns {Promise<{ format: string, ignored: string[], rows: Row[] }>}
 * @throws {import("./api.js").Problem}
 */
export async function checkFile(org, file, options, signal, progress) {
  /** @type {Row[]} */
  const rows = [];
  for (/** @type {number | null} */ let from = null; ;) {
    const report = await sendRows(org, file, { ...options, dry_run: "true", from }, signal);
    rows.push(...report.results.map((result) => ({ ...result, isLeft: false, isDone: false, edit: null })));
    progress(rows.length, report.rows);
    if (report.next === null || report.results.length === 0) return { format: report.format, ignored: report.ignored, rows };
    from = report.next;
  }
}
