import { keep, kept } from "./kept.js";

/**
 * The context of every screen: the session and the organization.
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./session.js").Organization} Organization
 * @typedef {{ session: Session, org: Organization }} Context
 */

const LAST_ORGANIZATION = "signpost.organization";

/**
 * The organization to show: the requested one, else the one that this browser showed most recently, else the first.
 * @param {Session} session The session of a user with at least one organization.
 * @param {string} wanted The id of the requested organization, or empty.
 * @returns {Organization | null} Null if the user is not a member of the requested one.
 */
export function organizationOf(session, wanted) {
  const find = (/** @type {string | null} */ id) => session.organizations.find((organization) => organization.id === id);
  if (wanted) return find(wanted.toLowerCase()) ?? find(wanted) ?? null;
  return find(kept(LAST_ORGANIZATION)) ?? session.organizations.at(0) ?? null;
}

/**
 * Stores in this browser that this organization was shown most recently.
 * @param {Organization} organization
 */
export function rememberOrganization(organization) {
  keep(LAST_ORGANIZATION, organization.id);
}

/**
 * The display name of an organization.
 * @param {Organization} organization
 */
export function organizationName(organization) {
  return organization.name || organization.id;
}
