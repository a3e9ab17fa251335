import { badgesOf } from "./badges.js";
import { h, icon } from "./dom.js";
import { age, hidden } from "./parts.js";
import { creatorOf } from "./people.js";
import { linkHash } from "./routes.js";
import { count, shortened } from "./text.js";
import { ageOf, expiryOf } from "./time.js";

/** @typedef {import("./link_list.js").Link} Link */

/**
 * Widths in pixels. The first two are the width of all columns except the destination, on a phone and on a wider screen. The
 * third is the width of an average character.
 */
const PHONE_COLUMNS = 140;
const WIDE_COLUMNS = 470;
const CHARACTER = 7.3;
/** If a row has room for at least this many characters, tags take room from the destination. A phone has less room. */
const WIDE_ROOM = 70;

/**
 * A row of the list. The link in the row covers the whole row, and the other controls lie on top of it.
 * @param {Link} link
 * @param {string} reader The reader's user id.
 * @param {Date} now
 * @param {number} room The maximum number of characters in the destination and the tags together.
 */
export function linkRow(link, reader, now, room) {
  const tags = link.tags.map((tag) => `#${tag}`).join(" ");
  // A row on a phone does not show tags.
  const most = room < WIDE_ROOM ? room : Math.floor(Math.max(room - tags.length - 3, room * 0.6));
  const clicks = link.recent ?? link.clicks ?? 0;
  return h("div", { class: "row", role: "listitem", "data-birth": link.birth },
    h("input", { type: "checkbox", class: "pick", "aria-label": `Select /${link.id}` }),
    h("div", { class: "what" },
      h("p", { class: "name-line" },
        h("a", { class: "name", href: linkHash(link.org_id, link.id) }, `/${link.id}`),
        badgesOf(link, now),
        link.title && h("span", { class: "title" }, link.title),
      ),
      h("p", { class: "where quiet" },
        icon("arrow"),
        h("span", { class: "destination" }, hidden("Destination: "), shortened(link.url, most)),
        tags && h("span", { class: "tags" }, tags),
      ),
    ),
    h("span", { class: "by quiet" }, hidden("Created by "), creatorOf(link, reader)),
    age(link.created_at, now),
    h("span", { class: clicks > 0 ? "clicks" : "clicks quiet" }, count(clicks), hidden(clicks === 1 ? " click" : " clicks")),
    h("button", { class: "button copy", type: "button", "aria-label": `Copy /${link.id}` }, icon("copy"), h("span", null, "Copy")),
  );
}

/**
 * About how many characters of a destination and its tags fit in a row.
 * @param {number} width The width of the window, in pixels.
 */
export function roomInRow(width) {
  const room = width < 640 ? width - PHONE_COLUMNS : Math.min(width - 48, 1040) - WIDE_COLUMNS;
  return Math.max(24, Math.floor(room / CHARACTER));
}

/**
 * The values that a row's content depends on: rows with equal values look the same.
 * @param {Link} link
 * @param {Date} now
 */
export function lookOf(link, now) {
  const ends = expiryOf(link.expires_at, now)?.words ?? "";
  return [link.version, link.id, link.short_url, link.recent, link.clicks, ageOf(new Date(link.created_at), now), ends].join(" ");
}
