import { h } from "./dom.js";
import { count } from "./text.js";

/**
 * A progress bar with its words, hidden until it is first set.
 * @param {string} label The name of what is in progress, for screen readers.
 * @param {string} [noun] What is counted.
 */
export function progressBar(label, noun = "rows") {
  const bar = h("progress", { "aria-label": label });
  const words = h("p", { class: "quiet" });
  const node = h("div", { class: "progress", hidden: true }, bar, words);
  return {
    node,
    /**
     * @param {string} doing Such as "Checking".
     * @param {number} done
     * @param {number | null} total Null if the total is unknown.
     */
    set(doing, done, total) {
      node.hidden = false;
      if (total === null) bar.removeAttribute("value");
      else Object.assign(bar, { max: Math.max(total, 1), value: done });
      words.textContent = `${doing}: ${count(done)}${total === null ? "" : ` of ${count(total)}`} ${noun}`;
    },
    hide: () => (node.hidden = true),
  };
}
