import { announce, h } from "./dom.js";
import { openLinkForm } from "./form.js";
import { urlIn } from "./text.js";

/** The number of URL fields created so far, used to give each field a unique id. */
let urlFields = 0;

/**
 * A field for a URL, with a button that opens the form for a new link with this URL. If the field is empty, the form opens empty.
 * @param {import("./context.js").Context} context
 * @param {string} action The label of the field's button.
 */
export function urlField(context, action) {
  const id = `url-${++urlFields}`;
  const fault = h("p", { class: "fault", id: `${id}-fault` });
  const field = h("input", { id, type: "text", inputmode: "url", placeholder: "https://", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    "aria-describedby": `${id}-fault`, oninput: () => showFault("") });
  const showFault = (/** @type {string} */ sentence) => {
    fault.textContent = sentence;
    field.toggleAttribute("aria-invalid", sentence !== "");
    if (sentence) announce(sentence);
  };
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const url = urlIn(field.value);
    if (!url && field.value.trim() !== "") {
      showFault("This isn't a URL. Copy one from your browser's address bar.");
      return field.focus();
    }
    openLinkForm(context, { url: url ?? "" }).then(() => (field.value = ""));
  };
  return h("form", { class: "url-form", onsubmit: submit, novalidate: true },
    h("label", { for: id, class: "for-screen-readers" }, "URL to create a link for"),
    h("div", { class: "field-line" }, field, h("button", { class: "button primary" }, action)),
    fault,
  );
}
