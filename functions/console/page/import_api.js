import { callApi, Problem } from "./api.js";
import { noteLoaded, outage } from "./connection.js";
import { secondsOf } from "./session.js";

/**
 * @typedef {import("./import_rows.js").Row} Row
 * @typedef {Record<string, string>} Options The query parameters that the reader chose.
 */

/**
 * Repeats a call during an outage until there is a response. The call must be safe to repeat.
 * @template T
 * @param {() => Promise<T>} call
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 * @throws {Problem}
 */
export async function throughOutages(call, signal) {
  for (;;) {
    try {
      const answer = await call();
      noteLoaded();
      return answer;
    } catch (error) {
      const isOutage = error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500);
      if (!isOutage) throw error;
      await outage(secondsOf(null), signal);
    }
  }
}

/**
 * Sends a file, or rows as lines of JSON, to be imported or checked. During an outage, waits and tries again: Signpost recognizes rows that
 * are already imported.
 * @param {string} org
 * @param {Blob} file
 * @param {Record<string, string | number | null | undefined>} query
 * @param {AbortSignal} signal
 * @returns {Promise<import("api").Import>}
 * @throws {Problem}
 */
export async function sendRows(org, file, query, signal) {
  const path = `/${encodeURIComponent(org)}/-/import`;
  return (await throughOutages(() => callApi("POST", path, { query, body: file, signal }), signal)).body;
}

/**
 * Finds out what an import of the file would do. Writes nothing.
 * @param {string} org
 * @param {Blob} file
 * @param {Options} options
 * @param {AbortSignal} signal
 * @param {(done: number, total: number) => void} progress
 * @returns {Promise<{ format: string, rows: Row[] }>}
 * @throws {Problem}
 */
export async function checkFile(org, file, options, signal, progress) {
  /** @type {Row[]} */
  const rows = [];
  for (/** @type {number | null} */ let from = null; ;) {
    const report = await sendRows(org, file, { ...options, dry_run: "true", from }, signal);
    rows.push(...report.results.map((result) => ({ ...result, isLeft: false, isDone: false, edit: null })));
    progress(rows.length, report.rows);
    if (report.next === null || report.results.length === 0) return { format: report.format, rows };
    from = report.next;
  }
}
