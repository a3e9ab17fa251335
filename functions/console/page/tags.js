import { announce, h, icon } from "./dom.js";

/**
 * A field for tags: Enter or a comma adds the typed text as a tag, and Backspace in the empty field removes the last tag.
 * @param {string[]} start
 * @param {() => void} changed Called after each change.
 */
export function tagField(start, changed) {
  /** @type {string[]} */
  let tags = [...start];
  const input = h("input", { autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "done" });
  const chips = h("ul", { class: "chips" });
  const around = h("div", { class: "tag-field" }, chips, input);

  const draw = () => {
    chips.hidden = tags.length === 0;
    chips.replaceChildren(...tags.map((tag) => h("li", { class: "chip" }, tag,
      h("button", { class: "plain", type: "button", "aria-label": `Remove tag ${tag}`, onclick: () => remove(tag) }, icon("close")))));
  };
  const remove = (/** @type {string} */ tag) => {
    tags = tags.filter((other) => other !== tag);
    draw();
    announce(`Removed ${tag}.`);
    input.focus();
    changed();
  };
  const take = () => {
    const typed = input.value.split(",").map((tag) => tag.trim().replace(/^#/, "").toLowerCase()).filter(Boolean);
    if (typed.length === 0) return;
    input.value = "";
    tags = [...new Set([...tags, ...typed])];
    draw();
    changed();
  };
  input.addEventListener("input", () => input.value.includes(",") && take());
  input.addEventListener("blur", take);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && input.value.trim() && !event.isComposing) {
      event.preventDefault();
      take();
    }
    const last = tags.at(-1);
    if (event.key === "Backspace" && input.value === "" && last !== undefined) remove(last);
  });
  draw();
  return { input, around, tags: () => tags, take };
}
