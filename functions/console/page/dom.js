/**
 * A child of an element. A string becomes text, never HTML; false and null are left out.
 * @typedef {Node | string | number | false | null | undefined} Child
 */

const SVG = "http://www.w3.org/2000/svg";

/** The shapes of the icons, drawn as strokes in a square of 16 by 16. */
const SHAPES = {
  arrow: "M2 8h11M9 4l4 4-4 4",
  back: "M14 8H3M7 4L3 8l4 4",
  check: "M3 8.5l3.5 3.5L13 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M6 6h7.5v7.5H6zM3.5 10H2.5V2.5H10V3.5",
  edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7L11.3 7",
  plus: "M8 3v10M3 8h10",
  qr: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h1.5v1.5M13.5 9.5v2M9.5 13.5h1.5M13.5 13.5v0",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
};

/**
 * Creates an element. A property whose name begins with `on` is a listener, `value` sets the element's value, and any other
 * property is an attribute. True sets an attribute without a value; false, null or undefined leaves the property out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any> | null} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") /** @type {any} */ (made).value = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...nodesOf(children));
  return made;
}

/**
 * Creates an element of an SVG image.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...nodesOf(children));
  return made;
}

/**
 * An icon. It is hidden from screen readers, because the control around the icon has a text of its own.
 * @param {keyof typeof SHAPES} name
 */
export function icon(name) {
  return svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, svg("path", { d: SHAPES[name] }));
}

/**
 * The element of the page with this id.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * Announces a sentence to screen readers.
 * @param {string} sentence
 */
export function announce(sentence) {
  // If the same text were set again, screen readers would not announce it.
  element("status").textContent = "";
  element("status").textContent = sentence;
}

/** @param {(Child | Child[])[]} children */
function nodesOf(children) {
  const shown = children.flat().filter((child) => child !== false && child !== null && child !== undefined);
  return /** @type {(Node | string)[]} */ (shown.map((child) => (typeof child === "number" ? String(child) : child)));
}
