import { keep, kept } from "./kept.js";

/**
 * What the reader decided about a file. If the same file is chosen again, the decisions still apply.
 * @typedef {import("./import_rows.js").Row} Row
 * @typedef {{ file: string, tag: string, left: number[], edits: [number, import("./import_rows.js").Edit][] }} Decisions
 */

/** The name under which the browser stores the decisions about the most recent file, and about no other file. */
const DECISIONS = "signpost.import";

/**
 * Identifies the content of a file that is imported into an organization.
 * @param {string} org
 * @param {Blob} file
 */
export async function fingerprint(org, file) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return `${org} ${[...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * The decisions about a file in this browser, if there are any.
 * @param {string} file The file's fingerprint.
 * @returns {Decisions}
 */
export function decisionsAbout(file) {
  try {
    const decisions = JSON.parse(kept(DECISIONS) ?? "");
    if (decisions.file === file) return decisions;
  } catch {
    // No decisions are stored, or the stored text is damaged.
  }
  return { file, tag: "", left: [], edits: [] };
}

/**
 * Stores the decisions about a file.
 * @param {string} file The file's fingerprint.
 * @param {Row[]} rows
 * @param {string} tag The import's tag; empty if nothing was imported.
 */
export function keepDecisions(file, rows, tag) {
  const left = rows.filter(({ isLeft }) => isLeft).map(({ row }) => row);
  const edits = rows.flatMap(({ row, edit }) => (edit ? [[row, edit]] : []));
  keep(DECISIONS, JSON.stringify({ file, tag, left, edits }));
}
