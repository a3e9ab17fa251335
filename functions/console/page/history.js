import { FIELD_NAMES, valueInWords } from "./edit.js";
import { DAY } from "./time.js";

/**
 * A change to a link, as the API's history lists it. A creation has the whole link in `after`, and a deletion has it in
 * `before`; any other change has the changed fields in both.
 * @typedef {Record<string, any>} Fields
 * @typedef {{ id: string, change: string, at: string, user_id: string, user_name: string | null, impersonator: string | null,
 *   link: { id: string, birth: string }, version: number, before: Fields | null, after: Fields | null, undoes: string | null,
 *   undone_by: string | null, can_undo: boolean }} Change
 */

/** The kinds of change to filter a history by, with the page's words for them. */
export const KINDS = new Map([
  ["create", "Created"], ["update", "Changed"], ["rename", "Renamed"], ["hand_over", "Handed over"], ["delete", "Deleted"],
  ["undo", "Undone"], ["import", "Imported"],
]);

/** The name that the page shows for each field of a change. @type {Record<string, string>} */
const CHANGED_NAMES = { ...FIELD_NAMES, creator_user_id: "Made by", aliases: "Previous short names" };

/** How long a deleted link can be brought back, in milliseconds. */
const KEPT = 30 * DAY;

/**
 * What a change did to a link, as a verb.
 * @param {Change} change
 */
export function verbOf({ change, before, after }) {
  if (change !== "undo") return (KINDS.get(change) ?? change).toLowerCase();
  return !before ? "brought back" : after ? "undid a change of" : "deleted";
}

/**
 * What undoing a change does to its link.
 * @param {Change} change
 */
export function effectOf({ before, after }) {
  return !before ? "link-deleted" : after ? "link-changed" : "link-created";
}

/**
 * The fields that changed, in words. For a link that was created or deleted, this is only its destination.
 * @param {Change} change
 * @param {(user: string, name: string | null) => string} nameOf The name of a user.
 * @param {(date: Date) => string} timeOf
 * @returns {{ name: string, before: string, after: string }[]}
 */
export function differencesOf({ before, after }, nameOf, timeOf) {
  const words = (/** @type {string} */ field, /** @type {Fields | null} */ values) => {
    if (!values) return "";
    if (field === "creator_user_id") return nameOf(values[field], values.creator_name);
    return valueInWords(field, values[field], timeOf);
  };
  const isChanged = (/** @type {string} */ field) => (before && after ? field in before || field in after : field === "url");
  // If the short name changed, the previous name became an alias, so the change of aliases is not shown separately.
  return Object.keys(CHANGED_NAMES).filter((field) => isChanged(field) && !(field === "aliases" && after?.id))
    .map((field) => ({ name: CHANGED_NAMES[field] ?? field, before: words(field, before), after: words(field, after) }));
}

/**
 * Whether a change deleted a link that can be brought back.
 * @param {Change} change
 * @param {number} now
 */
export function isKept({ at, undone_by }, now) {
  return !undone_by && now - Date.parse(at) < KEPT;
}

/**
 * Why an undo was refused, as a sentence.
 * @param {any} problem
 * @returns {string}
 */
export function notUndone({ code, message, errors }) {
  if (code === "slug_taken") return "Another link has this short name, or had it before. Free the name there first.";
  if (code !== "changed_since") return message;
  const fields = errors.map((/** @type {{ pointer: string }} */ { pointer }) => CHANGED_NAMES[pointer.slice(1)]);
  return `Changed again since then: ${fields.join(", ")}.`;
}
