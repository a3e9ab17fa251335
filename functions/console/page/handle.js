import { callApi, isAborted, Problem } from "./api.js";
import { report } from "./bus.js";
import { withoutScheme } from "./copy.js";
import { announce, h } from "./dom.js";
import { forgetShortBases, shortBaseOf } from "./short_base.js";
import { baseWithHandle, foldedHandle, handleOf, nextFree } from "./text.js";

/** The maximum length of a handle. */
const HANDLE_LENGTH = 40;

/** The number of handle fields so far, for unique ids. */
let handleForms = 0;

/**
 * A form that gives the organization a handle. It suggests a handle based on the organization's name, and shows the resulting short
 * URLs.
 * @param {import("./context.js").Context} context
 * @param {(handles: import("api").Handles) => void} done Called when the organization has the handle, after the report "handle-changed".
 * @param {{ signal?: AbortSignal, proposed?: string, left?: number }} [options] `left`: how many more handles the organization can have.
 * @returns {HTMLFormElement}
 */
export function handleForm(context, done, { signal, proposed = handleOf(context.org.name ?? ""), left = 4 } = {}) {
  const id = `handle-${++handleForms}`;
  /** @type {Set<string>} */
  const taken = new Set();
  let base = "";
  const example = h("strong");
  const field = h("input", { id, value: proposed, autocomplete: "off", autocapitalize: "off", spellcheck: "false", required: true,
    maxlength: String(HANDLE_LENGTH), "aria-describedby": `${id}-hint ${id}-fault`, oninput: () => {
      const folded = foldedHandle(field.value);
      if (folded !== field.value) field.value = folded;
      showFault("");
      showExample();
    } });
  const fault = h("p", { class: "fault", id: `${id}-fault` });
  const save = h("button", { class: "button primary" }, "Choose handle");

  const showExample = () => (example.textContent = base ? withoutScheme(`${baseWithHandle(base, field.value || "…")}/launch`) : "");
  const showFault = (/** @type {string} */ sentence, /** @type {string} */ proposal = "") => {
    field.toggleAttribute("aria-invalid", sentence !== "");
    const use = () => {
      field.value = proposal;
      showFault("");
      showExample();
      field.focus();
    };
    fault.replaceChildren(sentence, proposal && " ", proposal && h("button", { class: "text", type: "button", onclick: use }, `Use ${proposal}`));
    if (sentence) announce(fault.textContent ?? "");
  };
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const handle = field.value.replace(/-+$/, "");
    save.disabled = true;
    try {
      const { body } = await callApi("PUT", `/${encodeURIComponent(context.org.id)}/-/handle`, { body: { handle } });
      forgetShortBases();
      report("handle-changed", body);
      done(body);
    } catch (error) {
      if (error instanceof Problem && error.code === "handle_taken") {
        taken.add(handle);
        showFault(`“${handle}” is taken.`, nextFree(handle, taken, HANDLE_LENGTH));
      } else if (error instanceof Problem) {
        showFault(error.errors[0]?.message ?? error.message);
      } else if (!isAborted(error)) throw error;
      field.focus();
    } finally {
      save.disabled = false;
    }
  };
  shortBaseOf(context.org.id, signal).then((answer) => {
    base = answer;
    showExample();
  }, (error) => isAborted(error) || showFault(error.message));
  return h("form", { class: "handle-form", onsubmit: submit },
    h("label", { for: id }, "Handle"),
    h("div", { class: "field-line" }, h("span", { class: "handle-field" }, h("span", { class: "quiet", "aria-hidden": "true" }, "@"), field), save),
    fault,
    h("p", { class: "quiet", id: `${id}-hint` }, "Short links become ", example, `. Permanent, so printed links keep working. You can add ${["none", "one", "two", "three", "four"][left]} more.`),
  );
}
