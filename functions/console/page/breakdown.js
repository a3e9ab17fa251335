import { h } from "./dom.js";
import { firstRows } from "./more_rows.js";
import { count } from "./text.js";

/**
 * @typedef {import("api").Clicks} Clicks
 * @typedef {import("api").Count} Count
 */

const DEVICES = new Map([["desktop", "Desktop"], ["mobile", "Phone"], ["tablet", "Tablet"], ["other", "Other"]]);

/**
 * Three cards for the clicks of a range: their referrers, devices and countries.
 * @param {Pick<Clicks, "referrers" | "devices" | "countries">} clicks
 * @param {string} [whose] Appended to each card's title.
 */
export function breakdownsOf({ referrers, devices, countries }, whose = "") {
  return h("div", { class: "breakdowns" },
    card(`Referrers${whose}`, named(referrers, referrerName)),
    card(`Devices${whose}`, named(devices, (name) => DEVICES.get(name) ?? name)),
    card(`Countries${whose}`, countriesOf(countries, devices), devices.length > 0 ? "No countries are known for these clicks." : undefined),
  );
}

/**
 * The displayed name of a referrer: its host, or a description of a group of referrers.
 * @param {string} name
 */
export function referrerName(name) {
  if (name === "direct") return "Direct or unknown";
  return name === "other" ? "Other" : name;
}

/**
 * The countries, and one entry for all clicks from an unknown country. Empty if every country is unknown.
 * @param {Count[]} countries
 * @param {Count[]} devices Every click has a device, so these counts add up to all clicks.
 * @returns {Count[]}
 */
export function countriesOf(countries, devices) {
  const sum = (/** @type {Count[]} */ counts) => counts.reduce((all, { clicks }) => all + clicks, 0);
  const unknown = sum(devices) - sum(countries);
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "code" });
  const known = named(countries, (code) => names.of(code) ?? code);
  return known.length > 0 && unknown > 0 ? [...known, { name: "Unknown", clicks: unknown }] : known;
}

/**
 * @param {Count[]} counts
 * @param {(name: string) => string} nameOfCount
 * @returns {Count[]}
 */
function named(counts, nameOfCount) {
  return counts.map(({ name, clicks }) => ({ name: nameOfCount(name), clicks }));
}

/**
 * @param {string} title
 * @param {Count[]} counts
 * @param {string} [none] The sentence to show if the list is empty.
 */
function card(title, counts, none = "None in this period.") {
  const most = Math.max(...counts.map(({ clicks }) => clicks));
  const list = h("ul");
  const more = firstRows(list, counts.map(({ name, clicks }) =>
    h("li", null, shareBar(clicks, most), h("span", { class: "share-name" }, name), h("span", { class: "share-count" }, count(clicks)))));
  return h("section", { class: "card" }, h("h2", null, title), counts.length > 0 ? list : h("p", { class: "quiet" }, none), more);
}

/**
 * The bar behind a row. Its width is proportional to the row's clicks; the highest count has the full width.
 * @param {number} clicks
 * @param {number} most
 */
export function shareBar(clicks, most) {
  const bar = h("span", { class: "share" });
  bar.style.width = `${(clicks / most) * 100}%`;
  return bar;
}
