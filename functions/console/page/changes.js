import { callApi, etagOf, historyPath, linkPath, Problem, wordsOf } from "./api.js";
import { report } from "./bus.js";
import { notUndone } from "./history.js";
import { toast } from "./toast.js";

/**
 * @typedef {import("api").Link} Link
 * @typedef {"link-created" | "link-changed" | "link-deleted"} Effect What an undo does to a link.
 */

/**
 * What the page says after an undo, and what undoing the undo does.
 * @type {Record<Effect, [words: string, reverse: Effect]>}
 */
const UNDONE = {
  "link-created": ["Brought back", "link-deleted"],
  "link-changed": ["Undid the change of", "link-changed"],
  "link-deleted": ["Deleted", "link-created"],
};

/**
 * Changes a link, and reports the change.
 * @param {Link} link
 * @param {object} body
 * @returns {Promise<string>} The id of the change's record; empty if nothing changed.
 * @throws {Problem}
 */
export async function changeLink(link, body) {
  const answer = await callApi("PATCH", linkPath(link.org_id, link.id), { body, ifMatch: etagOf(link) });
  report("link-changed", answer.body);
  return answer.change;
}

/**
 * Deletes a link, and reports the deletion.
 * @param {Link} link
 * @returns {Promise<string>} The id of the change's record.
 * @throws {Problem}
 */
export async function removeLink(link) {
  const { change } = await callApi("DELETE", linkPath(link.org_id, link.id), { ifMatch: etagOf(link) });
  report("link-deleted", link);
  return change;
}

/**
 * Deletes a link, and offers to restore it. Shows a failure as a message.
 * @param {Link} link
 */
export async function deleteLink(link) {
  try {
    toast(`Deleted /${link.id}.`, undoOf(link, await removeLink(link), "link-created"));
  } catch (error) {
    const isGone = error instanceof Problem && error.status === 404;
    if (isGone) report("link-deleted", link);
    toast(isGone ? `/${link.id} was deleted already.` : wordsOf(error));
  }
}

/**
 * Undoes a change, and reports what the undo did to the link.
 * @param {{ org_id: string }} link The link, or at least its organization.
 * @param {string} id The change's record.
 * @param {Effect} effect
 * @throws {Problem}
 */
export async function revert(link, id, effect) {
  const { body, change } = await callApi("POST", `${historyPath(link.org_id)}/${encodeURIComponent(id)}/undo`);
  report(effect, { ...link, ...body });
  return { /** @type {Link} */ link: body, change };
}

/**
 * Returns the function behind an Undo button: it undoes the change, shows a message, and offers to undo the undo.
 * @param {{ org_id: string }} link The link, or at least its organization.
 * @param {string} id The change's record; empty if nothing changed.
 * @param {Effect} effect What the undo does.
 * @returns {(() => Promise<void>) | null} Null if there is nothing to undo.
 */
export function undoOf(link, id, effect) {
  if (!id) return null;
  return async () => {
    try {
      const undone = await revert(link, id, effect);
      const [words, reverse] = UNDONE[effect];
      toast(`${words} /${undone.link.id}.`, undoOf(undone.link, undone.change, reverse));
    } catch (error) {
      toast(notUndone(error));
    }
  };
}

/** @param {Effect} effect */
export function reverseOf(effect) {
  return UNDONE[effect][1];
}
