import { h } from "./dom.js";
import { expiryOf } from "./time.js";

/**
 * The badges of a link. Each badge says in a few words what is exceptional about the link.
 * @param {import("api").Link} link
 * @param {Date} now
 */
export function badgesOf(link, now) {
  const ends = expiryOf(link.expires_at, now);
  const badge = (/** @type {string} */ kind, /** @type {string} */ words) => h("span", { class: `badge ${kind}` }, words);
  return [
    link.access === "members" && badge("", "Members only"),
    ends && badge(ends.kind === "expired" ? "fault" : "warn", ends.words),
    !link.enabled && badge("fault", "Off"),
  ];
}
