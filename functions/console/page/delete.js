import { callApi, etagOf, linkPath, Problem } from "./api.js";
import { report } from "./bus.js";
import { confirmed } from "./dialog.js";
import { openLinkForm } from "./form.js";
import { counted } from "./text.js";
import { toast } from "./toast.js";

/**
 * Asks for confirmation, deletes the link, and offers to create it again. Shows a failure as a message.
 * @param {import("./context.js").Context} context
 * @param {import("api").Link} link
 * @returns {Promise<boolean>} Whether the link was deleted.
 */
export async function deleteLink(context, link) {
  const clicks = link.clicks ?? (await totalOf(link));
  const lost = clicks === 0 ? "" : ` and its ${clicks === null ? "clicks" : counted(clicks, "click")} ${clicks === 1 ? "is" : "are"} lost`;
  if (!(await confirmed(`Delete /${link.id}?`, `It stops working now${lost}.`, "Delete link"))) return false;
  try {
    await callApi("DELETE", linkPath(link.org_id, link.id), { ifMatch: etagOf(link) });
  } catch (error) {
    const isGone = error instanceof Problem && error.status === 404;
    if (isGone) report("link-deleted", link);
    toast(isGone ? `/${link.id} was deleted already.` : error instanceof Error ? error.message : String(error));
    return isGone;
  }
  report("link-deleted", link);
  toast(`Deleted /${link.id}.`, { label: "Create again", run: () => openLinkForm(context, { again: link }) });
  return true;
}

/** @param {import("api").Link} link */
async function totalOf(link) {
  const answer = await callApi("GET", `${linkPath(link.org_id, link.id)}/clicks`, { once: true }).catch(() => null);
  return answer ? answer.body.total : null;
}
