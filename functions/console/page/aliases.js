import { callApi, linkPath, wordsOf } from "./api.js";
import { report } from "./bus.js";
import { undoOf } from "./changes.js";
import { confirmed } from "./dialog.js";
import { toast } from "./toast.js";

/**
 * Frees a previous short name of a link, after a confirmation. Shows a failure as a message.
 * @param {import("api").Link} link
 * @param {string} alias
 */
export async function freeAlias(link, alias) {
  const url = link.short_url.replace(/[^/]*$/, alias);
  if (!(await confirmed(`Free /${alias}?`, `${url} stops working, and another link can take the name.`, `Free /${alias}`))) return;
  try {
    const { body, change } = await callApi("DELETE", linkPath(link.org_id, alias));
    report("link-changed", body);
    toast(`Freed /${alias}.`, undoOf(link, change, "link-changed"));
  } catch (error) {
    toast(wordsOf(error));
  }
}
