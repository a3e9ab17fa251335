import { callApi, linkPath, wordsOf } from "./api.js";
import { changeLink, undoOf } from "./changes.js";
import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { fieldOf } from "./fields.js";
import { seenIn } from "./kept_lists.js";
import { creatorOf } from "./people.js";
import { counted } from "./text.js";
import { toast } from "./toast.js";
import { options } from "./toolbar.js";

/**
 * @typedef {import("api").Link} Link
 * @typedef {import("./context.js").Context} Context
 */

/**
 * Asks who gets these links. If they all belong to one person, the dialog can offer to hand over all
 * links of that person.
 * @param {Context} context
 * @param {Link[]} links At least one.
 * @param {boolean} offersAll Whether to offer all links of that person.
 * @returns {Promise<{ to: string, links: Link[] } | null>} The user id, and the links.
 * @throws {import("./api.js").Problem} The links of that person could not be read.
 */
export async function askHandOver(context, links, offersAll) {
  const [first] = links;
  if (!first) return null;
  const { creator_user_id: from } = first;
  const isOnes = links.every((link) => link.creator_user_id === from);
  const people = new Map(seenIn(context, links).creators);
  if (isOnes) people.delete(from);
  const person = h("select", null, options([["", "Choose a person"], ...people], ""));
  const other = h("input", { autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  const all = h("input", { type: "checkbox" });
  const owner = creatorOf(first, context.session.user_id);
  const what = links.length === 1 ? `/${first.id}` : counted(links.length, "link");
  const value = await ask(`Hand over ${what}`, [
    fieldOf("To", person).node,
    fieldOf("Or a user id", other).node,
    isOnes && offersAll && h("p", null, h("label", { class: "check" }, all, `${owner === "You" ? "All your links" : `All links of ${owner}`}, not only ${what}`)),
    h("p", { class: "quiet" }, "They can then edit and delete what you hand over. You can undo this."),
  ], [["", "Cancel"], ["yes", "Hand over"]]);
  const to = other.value.trim() || person.value;
  if (!value || !to) return null;
  return { to, links: all.checked ? await linksOf(context.org.id, from) : links };
}

/**
 * Asks who should get a link, and hands the link over to that user.
 * @param {Context} context
 * @param {Link} link
 */
export async function handOver(context, link) {
  try {
    const chosen = await askHandOver(context, [link], false);
    if (!chosen) return;
    toast(`Handed over /${link.id}.`, undoOf(link, await changeLink(link, { creator_user_id: chosen.to }), "link-changed"));
  } catch (error) {
    toast(wordsOf(error));
  }
}

/**
 * All links that a user created.
 * @param {string} org
 * @param {string} creator
 */
async function linksOf(org, creator) {
  /** @type {Link[]} */
  const links = [];
  let cursor = null;
  do {
    const { body } = await callApi("GET", linkPath(org), { query: { creator, limit: 100, cursor } });
    links.push(...body.data);
    cursor = body.next_cursor;
  } while (cursor);
  return links;
}
