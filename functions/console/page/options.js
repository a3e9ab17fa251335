import { h } from "./dom.js";
import { FORWARDS } from "./edit.js";
import { fieldOf } from "./fields.js";
import { tagField } from "./tags.js";
import { localInputValue } from "./time.js";

/**
 * A link's fields in the API's format, except the destination, the short name and the title.
 * @typedef {{ tags: string[], access: "public" | "members", forward: keyof typeof FORWARDS, expires_at: string | null }} Options
 */

/**
 * The collapsed part of the form: the link's tags, who can open the link, and when it expires.
 * @param {Options} start
 * @param {string} organization The organization's name.
 * @param {(options: Options) => void} changed
 */
export function moreOptions(start, organization, changed) {
  const notify = () => changed(read());
  const tags = tagField(start.tags, notify);
  const tagsField = fieldOf("Tags", tags.input, { optional: true, around: tags.around });

  const access = h("select", { name: "access", onchange: notify },
    h("option", { value: "public", selected: start.access === "public" }, "Anyone"),
    h("option", { value: "members", selected: start.access === "members" }, "Members only"));
  const accessField = fieldOf("Who can open it", access);

  const forward = h("select", { name: "forward", onchange: () => showForward() },
    ...Object.entries(FORWARDS).map(([value, words]) => h("option", { value, selected: start.forward === value }, words)));
  const forwardField = fieldOf("Forwards", forward);
  const showForward = () => {
    const added = { none: "", query: "?q=1", path: "/more?q=1" }[read().forward];
    forwardField.hint(added && `A short URL with ${added} at its end adds ${added} to the destination.`);
    notify();
  };

  const at = h("input", {
    type: "datetime-local", "aria-label": "Date and time", value: start.expires_at ? localInputValue(new Date(start.expires_at)) : "", oninput: notify,
  });
  const showTime = () => {
    at.hidden = expires.value === "never";
    if (!at.hidden && !at.value) at.value = localInputValue(inAWeek());
    notify();
  };
  const expires = h("select", { name: "expires_at", onchange: showTime },
    h("option", { value: "never", selected: !start.expires_at }, "Never"),
    h("option", { value: "at", selected: Boolean(start.expires_at) }, "At a date and time"));
  at.hidden = !start.expires_at;
  const expiresField = fieldOf("Expires", expires, { around: h("div", { class: "expiry-field" }, expires, at) });

  /** If the chosen time is in the past, shows a fault and moves the focus to the field. */
  const isSound = () => {
    const { expires_at } = read();
    if (expires_at === null || expires_at === start.expires_at || Date.parse(expires_at) > Date.now()) return true;
    expiresField.fail("Choose a date and time in the future.");
    at.focus();
    return false;
  };
  const isSet = start.tags.length > 0 || start.access === "members" || start.forward !== "none" || start.expires_at !== null;
  const node = h("details", { class: "more-options", open: isSet },
    h("summary", null, "More options", h("span", { class: "optional" }, " tags, access, expiry, forwarding")),
    tagsField.node, h("div", { class: "pair" }, accessField.node, expiresField.node), forwardField.node,
  );
  /** @returns {Options} */
  const read = () => {
    const unchanged = start.expires_at !== null && at.value === localInputValue(new Date(start.expires_at));
    const time = unchanged ? start.expires_at : at.value ? new Date(at.value).toISOString().replace(".000Z", "Z") : null;
    return {
      tags: tags.tags(),
      access: access.value === "members" ? "members" : "public",
      forward: /** @type {Options["forward"]} */ (forward.value),
      expires_at: expires.value === "never" ? null : time,
    };
  };
  return {
    node,
    read,
    isSound,
    /** Adds text that was typed but not yet added as a tag. */
    finish: tags.take,
    fields: { tags: tagsField, access: accessField, forward: forwardField, expires_at: expiresField },
    /** The footer's text about who can open the link. @param {Options} options @param {boolean} enabled */
    sentence: (options, enabled) => {
      if (!enabled) return "No one can open it while it is off";
      return options.access === "members" ? `Only members of ${organization} can open it` : "Anyone with the link can open it";
    },
  };
}

/** The end of the working day, a week from now: the most likely choice, and always in the future. */
function inAWeek() {
  const date = new Date();
  date.setDate(date.getDate() + 7);
  date.setHours(18, 0, 0, 0);
  return date;
}
