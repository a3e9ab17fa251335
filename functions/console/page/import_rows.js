/**
 * A row of a file, as `POST /{org_id}/-/import` reports it. Before the import, `result` says what would happen; afterwards, it says what
 * happened.
 * @typedef {import("api").ImportedRow} Result
 * @typedef {{ id: string | null, url: string, enabled: boolean, expires_at: string | null }} Edit
 * @typedef {Result & { isLeft: boolean, isDone: boolean, edit: Edit | null }} Row `isLeft`: the reader leaves the row out. `isDone`: it was
 *   sent to be imported. `edit`: what the reader changed.
 * @typedef {"created" | "done" | "exists" | "conflict" | "skipped" | "refused"} Group
 */

/** The groups of rows and their names, in the order in which they are shown. @type {[Group, string][]} */
export const GROUPS = [
  ["created", "New"], ["done", "Imported"], ["exists", "Already here"], ["conflict", "Conflict"], ["skipped", "Left out"], ["refused", "Refused"],
];

/**
 * The group of a row.
 * @param {Row} row
 * @returns {Group}
 */
export function groupOf({ result, isLeft, isDone }) {
  if (isLeft) return "skipped";
  if (result === "created" && isDone) return "done";
  return result === "replayed" ? "exists" : /** @type {Group} */ (result);
}

/**
 * The rows that an import would turn into links.
 * @param {Row[]} rows
 */
export function newRows(rows) {
  return rows.filter((row) => groupOf(row) === "created");
}

/** The notes for which the console has words of its own. @type {Record<string, (id: string, source: string) => string>} */
const NOTES = {
  slug_changed: (_, source) => `The old address /${source} does not work here.`,
  slug_drawn: () => "Signpost picks the short name.",
  slug_folded: () => "The old address works in upper and lower case.",
  same_target: (id) => `/${id} leads to the same destination.`,
  tags_changed: () => "Tags were spelled differently.",
  members_only: () => "Another row of this link is for members only, so the link is for members only.",
};

/**
 * What the reader should know about a row: its faults, and what is different from the file.
 * @param {Row} row
 * @param {number | null} [rival] The number of another row that needs the same short name.
 * @returns {{ kind: "fault" | "warn" | "quiet", detail: string }[]}
 */
export function remarksOf({ result, id, source, errors, notes }, rival = null) {
  const taken = rival === null ? `/${id} leads elsewhere.` : `Row ${rival} needs /${id}, too.`;
  const faults = result === "conflict" && errors.length === 0 ? [taken] : errors.map(({ detail }) => sentenceOf(detail));
  return [
    ...faults.map((detail) => ({ kind: /** @type {const} */ ("fault"), detail })),
    ...notes.map(({ code, detail, id: other }) => ({
      kind: /_folded$|^tags_changed/.test(code) ? /** @type {const} */ ("quiet") : /** @type {const} */ ("warn"),
      detail: NOTES[code === "slug_drawn" && source ? "slug_changed" : code]?.(other ?? "", source ?? "") ?? detail,
    })),
  ];
}

/** @param {string} phrase A fault in the API's words. */
function sentenceOf(phrase) {
  return phrase.charAt(0).toUpperCase() + phrase.slice(1) + (/[.!?]$/.test(phrase) ? "" : ".");
}

/**
 * Whether the reader can edit a row. A row whose old link has a password cannot be edited, because its new link would be open to anyone.
 * @param {Row} row
 */
export function canEdit({ result, errors, isDone, isLeft }) {
  if (isLeft || (isDone && result === "created")) return false;
  const canHelp = errors.every(({ code, field }) => field === "id" || field === "url" || ["root_link", "unsupported_template"].includes(code));
  return ["created", "conflict", "refused"].includes(result) && canHelp;
}

/**
 * Whether the reader can leave a row out, or has done so.
 * @param {Row} row
 */
export function canLeave({ result, isDone, isLeft }) {
  return isLeft || (["created", "conflict", "refused"].includes(result) && !(isDone && result === "created"));
}

/**
 * Rows as lines of JSON, in the format that the API imports. `source_id` still identifies a row after the row's short name was changed.
 * @param {Row[]} rows
 */
export function linesOf(rows) {
  return rows.map(({ source, id, url, title, tags, access, forward, enabled, expires_at }) => {
    const line = { source_id: source, id, url, title, tags, access, forward, enabled, expires_at };
    return JSON.stringify(Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)));
  }).join("\n");
}

/** The columns of a report. */
const COLUMNS = ["row", "result", "old short name", "short name", "short link", "destination", "remarks"];

/**
 * A report of an import as CSV (RFC 4180). No cell starts a formula in a spreadsheet.
 * @param {Row[]} rows
 */
export function reportOf(rows) {
  const lines = rows.map((row) => [
    row.row, row.isLeft ? "left out" : groupOf(row) === "done" ? "imported" : row.result === "created" ? "not imported" : row.result, row.source, row.id,
    ["done", "exists"].includes(groupOf(row)) ? row.short_url : "", row.url, remarksOf(row).map(({ detail }) => detail).join(" "),
  ]);
  return [COLUMNS, ...lines].map((cells) => cells.map(cellOf).join(",")).join("\r\n") + "\r\n";
}

/** @param {string | number | null | undefined} value */
function cellOf(value) {
  const text = String(value ?? "");
  const safe = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Adds a row's number, old short name and notes from the file to the result that the API returned for the row.
 * @param {Row} row
 * @param {Result} result
 * @returns {Result}
 */
export function merged(row, result) {
  const added = result.notes.map(({ code }) => code);
  const isKept = (/** @type {string} */ code) =>
    code === "members_only" ? result.access === "members" : /^(title|tags)_|^switched|^expired/.test(code);
  const kept = row.notes.filter(({ code }) => isKept(code) && !added.includes(code));
  return { ...result, row: row.row, source: row.source, notes: [...result.notes, ...kept] };
}

/**
 * Imports rows, a chunk at a time and in order. Each row gets its result.
 * @param {Row[]} rows
 * @param {(lines: string) => Promise<{ results: Result[] }>} send Sends a chunk, and returns results for its first
 *   lines, perhaps not for all.
 * @param {() => boolean} isStopped Called before each chunk.
 * @param {(done: number) => void} progress
 */
export async function importRows(rows, send, isStopped, progress) {
  for (let done = 0; done < rows.length && !isStopped();) {
    const chunk = rows.slice(done, done + CHUNK);
    const { results } = await send(linesOf(chunk));
    if (results.length === 0) throw new Error("Signpost imported none of the rows that were just sent. Try again.");
    for (const [index, result] of results.entries()) {
      const row = chunk[index];
      if (row) Object.assign(row, merged(row, result), { isDone: true });
    }
    done += results.length;
    progress(done);
  }
}

/** The number of rows in a request: enough that most of the time is spent writing, and few enough for a smooth progress bar. */
const CHUNK = 100;
