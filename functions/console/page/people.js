/**
 * The displayed name of a link's creator: "You", the creator's name, or the end of the creator's user id.
 * @param {import("api").Link} link
 * @param {string} reader The reader's user id.
 */
export function creatorOf(link, reader) {
  if (link.creator_user_id === reader) return "You";
  return link.creator_name || `User …${link.creator_user_id.slice(-6)}`;
}

/**
 * Whether the reader may change the link.
 * @param {import("api").Link} link
 * @param {import("./session.js").Session} session
 */
export function mayChange(link, session) {
  const membership = session.organizations.find(({ id }) => id === link.org_id);
  return link.creator_user_id === session.user_id || (membership?.manages_all_links ?? false);
}
