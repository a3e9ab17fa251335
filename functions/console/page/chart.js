import { LABEL_CHARACTER, barWords, gridlinesOf, labelsOf } from "./axes.js";
import { h, svg } from "./dom.js";
import { count } from "./text.js";

/** Heights in pixels: the text about the focused bar, the bars, and the labels of the bars. */
const ABOVE = 28;
const PLOT = 152;
const BELOW = 24;

/** The minimum width of a bar at which the gap between bars is wide. */
const WIDE_BAR = 8;
/** The space between a bar's two parts (people, bots), and a part's minimum height, which keeps every click visible. */
const PART_GAP = 2;
const LEAST = 2;

/**
 * A bar chart, drawn at its actual width, because a scaled picture would have tiny labels on a phone. The Tab key reaches the
 * chart as one element; arrow keys move from bar to bar.
 * @param {import("./series.js").Period} period
 * @param {import("./series.js").Bar[]} bars
 * @param {boolean} withBots Whether bots' clicks are stacked on people's.
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
export function chartOf(period, bars, withBots, signal) {
  const words = bars.map((bar) => barWords(bar, period, withBots));
  const shown = withBots ? bars : bars.map((bar) => ({ ...bar, bots: 0 }));
  const lines = gridlinesOf(Math.max(...shown.map(({ clicks, bots }) => clicks + bots)));
  const axis = Math.max(...lines.map((line) => count(line).length)) * LABEL_CHARACTER + 12;
  const tip = h("p", { class: "chart-tip", "aria-hidden": "true", hidden: true });
  const box = h("div", { class: "chart", role: "group", "aria-label": "Clicks over time; arrow keys move from bar to bar" }, tip);

  let current = bars.length - 1;
  let width = 0;
  /** @type {SVGElement[]} */
  let columns = [];

  const top = lines.at(-1) ?? 1;
  const step = () => (width - axis) / bars.length;
  const middleOf = (/** @type {number} */ index) => axis + (index + 0.5) * step();
  const draw = () => {
    const focused = box.contains(document.activeElement);
    columns = shown.map((bar, index) => column(bar, axis + index * step(), step(), top, words[index] ?? ""));
    columns[current]?.setAttribute("tabindex", "0");
    const picture = svg("svg", { width, height: ABOVE + PLOT + BELOW },
      svg("g", { "aria-hidden": "true" },
        ...lines.flatMap((line) => gridline(line, top, axis, width)),
        ...labelsOf(period, step()).map(({ index, words: label }) => dateLabel(label, middleOf(index), width))),
      ...columns);
    box.replaceChildren(picture, tip);
    if (focused) columns[current]?.focus();
  };
  const show = (/** @type {number} */ index) => {
    columns.forEach((shape, place) => shape.classList.toggle("looked-at", place === index));
    tip.hidden = index < 0;
    if (index < 0) return;
    tip.textContent = words[index] ?? "";
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(middleOf(index), half), width - half) - half}px`;
  };

  box.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    columns[Math.min(Math.max(to, 0), bars.length - 1)]?.focus();
  });
  box.addEventListener("focusin", ({ target }) => {
    const index = columns.indexOf(/** @type {SVGElement} */ (target));
    if (index < 0) return;
    columns[current]?.setAttribute("tabindex", "-1");
    columns[index]?.setAttribute("tabindex", "0");
    current = index;
    show(index);
  });
  box.addEventListener("focusout", () => show(-1));
  box.addEventListener("pointermove", ({ clientX }) => {
    const index = Math.floor((clientX - box.getBoundingClientRect().left - axis) / step());
    show(index < bars.length ? Math.max(index, -1) : -1);
  });
  box.addEventListener("pointerleave", () => show(box.contains(document.activeElement) ? current : -1));

  const observer = new ResizeObserver(() => {
    if (box.clientWidth === width || box.clientWidth === 0) return;
    width = box.clientWidth;
    draw();
  });
  observer.observe(box);
  signal.addEventListener("abort", () => observer.disconnect());
  return box;
}

/**
 * A bar inside a column. The column is as high as the chart, because a low bar would be hard to click.
 * @param {import("./series.js").Bar} bar
 * @param {number} x
 * @param {number} width
 * @param {number} top The value of the highest gridline.
 * @param {string} words
 */
function column({ clicks, bots, running }, x, width, top, words) {
  const gap = width < WIDE_BAR ? 1 : 4;
  // An outline is centered on the edge of its shape, so half of it would be outside the bar.
  const inset = running ? 0.5 : 0;
  const heightOf = (/** @type {number} */ value, /** @type {number} */ less) => value && Math.max((value / top) * PLOT - less, LEAST);
  const part = (/** @type {number} */ height, /** @type {number} */ below, /** @type {string} */ whose) => height > 0 && svg("rect", {
    class: `${running ? "running-bar" : "whole-bar"} ${whose}`,
    x: x + gap / 2 + inset,
    y: ABOVE + PLOT - below - height + inset,
    width: Math.max(width - gap - 2 * inset, 1),
    height: height - 2 * inset,
    rx: Math.min(2, width / 4),
  });
  const people = heightOf(clicks, 0);
  const space = people && PART_GAP;
  return svg("g", { role: "img", "aria-label": words, tabindex: "-1" },
    svg("rect", { class: "column", x, y: ABOVE, width, height: PLOT }), part(people, 0, "people"), part(heightOf(bots, space), people + space, "bots"));
}

/**
 * @param {number} value
 * @param {number} top
 * @param {number} axis
 * @param {number} width
 */
function gridline(value, top, axis, width) {
  const y = Math.round(ABOVE + PLOT - (value / top) * PLOT) + 0.5;
  return [
    svg("path", { class: value === 0 ? "baseline" : "gridline", d: `M${axis} ${y}H${width}` }),
    svg("text", { x: axis - 8, y: y + 4, "text-anchor": "end" }, count(value)),
  ];
}

/**
 * @param {string} words
 * @param {number} middle
 * @param {number} width
 */
function dateLabel(words, middle, width) {
  const half = (words.length * LABEL_CHARACTER) / 2;
  return svg("text", { x: Math.min(middle, width - half), y: ABOVE + PLOT + 18, "text-anchor": "middle" }, words);
}
