import { h, icon } from "./dom.js";
import { creatorOf } from "./people.js";
import { linkHash } from "./routes.js";
import { count, shortened } from "./text.js";
import { ageOf, expiryOf, fullTime } from "./time.js";

/** @typedef {import("api").Link} Link */

/** The most characters of a destination, and of its end, which stays if there is less room. */
const DESTINATION = 72;
const END = 20;

/**
 * A row of the list. Its link covers it, below the other controls.
 * @param {Link} link
 * @param {string} reader The reader's user id.
 * @param {Date} now
 */
export function linkRow(link, reader, now) {
  const created = new Date(link.created_at);
  const [start, end] = startAndEnd(shortened(link.url, DESTINATION));
  const clicks = link.clicks ?? 0;
  return h("li", { class: "row", "data-birth": link.birth },
    h("input", { type: "checkbox", class: "pick", tabindex: "-1", "aria-label": `Select /${link.id}` }),
    h("div", { class: "what" },
      h("p", { class: "name-line" },
        h("a", { class: "name", href: linkHash(link.org_id, link.id) }, `/${link.id}`),
        badgesOf(link, now),
        link.title && h("span", { class: "title" }, link.title),
      ),
      h("p", { class: "where quiet" },
        icon("arrow"),
        h("span", { class: "destination" }, h("span", { class: "for-screen-readers" }, "Destination: "), h("span", null, start), h("span", { class: "end" }, end)),
        link.tags.length > 0 && h("span", { class: "tags" }, link.tags.map((tag) => `#${tag}`).join(" ")),
      ),
    ),
    h("span", { class: "by quiet" }, h("span", { class: "for-screen-readers" }, "Created by "), creatorOf(link, reader)),
    h("time", { class: "age quiet", datetime: link.created_at, title: fullTime(created) }, ageOf(created, now)),
    h("span", { class: clicks > 0 ? "clicks" : "clicks quiet" }, count(clicks), h("span", { class: "for-screen-readers" }, clicks === 1 ? " click" : " clicks")),
    h("button", { class: "button copy", type: "button", "aria-label": `Copy /${link.id}` }, icon("copy"), h("span", null, "Copy")),
  );
}

/**
 * A destination in two parts: of the first, as much is shown as there is room.
 * @param {string} destination
 */
function startAndEnd(destination) {
  const slash = destination.lastIndexOf("/");
  const length = slash > 0 && destination.length - slash <= END ? destination.length - slash : Math.min(8, Math.floor(destination.length / 3));
  return [destination.slice(0, -length), destination.slice(-length)];
}

/**
 * What makes a link exceptional, in words.
 * @param {Link} link
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

/**
 * What a row's content depends on: two that are equal look the same.
 * @param {Link} link
 * @param {Date} now
 */
export function lookOf(link, now) {
  const ends = expiryOf(link.expires_at, now)?.words ?? "";
  return [link.version, link.id, link.short_url, link.clicks, ageOf(new Date(link.created_at), now), ends].join(" ");
}
