import { Problem, callApi, etagOf, linkPath } from "./api.js";
import { report } from "./bus.js";
import { undoOf } from "./changes.js";
import { resolveConflict } from "./conflict.js";
import { copyUrl } from "./copy.js";
import { changesOf, valuesOf } from "./edit.js";
import { toast } from "./toast.js";

/**
 * @typedef {import("api").Link} Link
 * @typedef {import("./edit.js").Values} Values
 */

/**
 * Returns a function that creates a link. Sending the same values again does not create a second link.
 * @param {import("./context.js").Context} context
 * @param {AbortSignal} signal
 * @returns {(values: Values) => Promise<boolean>}
 */
export function creator({ org }, signal) {
  /** The idempotency key of each body that was sent. @type {Map<string, string>} */
  const keys = new Map();
  return async ({ enabled: _, id, ...rest }) => {
    const body = id ? { ...rest, id } : rest;
    const sent = JSON.stringify(body);
    const idempotencyKey = keys.get(sent) ?? randomKey();
    keys.set(sent, idempotencyKey);
    const { body: link, change } = await callApi("POST", linkPath(org.id), { body, idempotencyKey, signal });
    report("link-created", link);
    copyUrl(link.short_url, undoOf(link, change, "link-deleted"));
    return true;
  };
}

/**
 * Returns a function that saves new values of a link's fields. That function sends only the fields that differ. If someone else
 * has changed the same fields in the meantime, it asks the reader to choose between the two sets of values.
 * @param {Link} link
 * @param {AbortSignal} signal
 * @returns {(values: Values) => Promise<boolean>} Whether the dialog can close.
 */
export function saver(link, signal) {
  const done = (/** @type {Link} */ saved, change = "") => {
    report("link-changed", { ...saved, clicks: link.clicks });
    toast(`Saved /${saved.id}.`, undoOf(saved, change, "link-changed"));
    return true;
  };
  return async (values) => {
    const body = changesOf(valuesOf(link), values);
    let etag = etagOf(link);
    while (Object.keys(body).length > 0) {
      try {
        const answer = await callApi("PATCH", linkPath(link.org_id, link.id), { body, ifMatch: etag, signal });
        return done(answer.body, answer.change);
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 412) throw error;
      }
      const { body: theirs, etag: current } = await callApi("GET", linkPath(link.org_id, link.id));
      if (theirs.birth !== link.birth) {
        report("link-deleted", link);
        throw new Problem(404, { detail: "This link was deleted, and another one has its name now." });
      }
      const other = valuesOf(theirs);
      const left = changesOf(other, { ...other, ...body });
      // The link already has all values: an earlier attempt took effect, but its response was lost.
      if (Object.keys(left).length === 0) return done(theirs);
      const base = valuesOf(link);
      const touched = changesOf(base, other);
      const clash = Object.keys(left).filter((name) => name in touched);
      const choice = clash.length > 0 ? await resolveConflict(clash, values, other) : "mine";
      if (choice === "") return false;
      if (choice === "theirs") {
        report("link-changed", { ...theirs, clicks: link.clicks });
        return true;
      }
      etag = current;
    }
    return true;
  };
}

function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
