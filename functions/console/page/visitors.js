import { DAY, dayOf, fullTime } from "./time.js";

/** @typedef {import("api").Link} Link */

/** The number of days from a link's expiry to its deletion (README, "expires_at"). */
const DAYS_UNTIL_DELETED = 30;

/**
 * Sentences about what visitors see at a link that does not simply redirect them.
 * @param {Link} link
 * @param {string} organization
 * @param {Date} now
 * @returns {string[]}
 */
export function visitorsSee(link, organization, now) {
  const end = link.expires_at === null ? null : new Date(link.expires_at);
  if (!link.enabled) return ["Switched off: visitors read that the team behind this link switched it off."];
  if (end && end <= now) {
    const gone = new Date(end.getTime() + DAYS_UNTIL_DELETED * DAY);
    return [`Expired on ${dayOf(end, now)}: visitors read that it was available for a limited time. It will be deleted on ${dayOf(gone, now)}.`];
  }
  return [
    link.access === "members" && `Visitors sign in first; only members of ${organization} get to the destination.`,
    end && `Expires on ${fullTime(end)}. From then on visitors read that it was available for a limited time.`,
  ].filter((sentence) => typeof sentence === "string");
}
