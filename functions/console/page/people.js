/**
 * The displayed name of a link's creator: "You", the creator's name, or the end of the creator's user id.
 * @param {import("api").Link} link
 * @param {string} reader The reader's user id.
 */
export function creatorOf(link, reader) {
  return nameOfUser(link.creator_user_id, link.creator_name, reader);
}

/**
 * Returns the text that the page shows as a user's name, by the same rules as `creatorOf`.
 * @param {string} user
 * @param {string | null | undefined} name
 * @param {string} reader
 */
export function nameOfUser(user, name, reader) {
  return user === reader ? "You" : name || `User …${user.slice(-6)}`;
}

/**
 * Whether the reader may change the link.
 * @param {import("api").Link} link
 * @param {import("./session.js").Session} session
 */
export function mayChange(link, session) {
  const membership = session.organizations.find(({ id }) => id === link.org_id);
  return link.creator_user_id === session.user_id || (membership?.edits_all_links ?? false);
}

/**
 * A sentence for readers who cannot change the link: it says who can.
 * @param {import("api").Link} link
 */
export function refusalOf(link) {
  return `Only ${creatorOf(link, "")} or an admin can change this link.`;
}
