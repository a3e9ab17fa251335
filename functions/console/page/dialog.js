import { element, h } from "./dom.js";

let dialogNumber = 0;

/**
 * Shows a modal dialog. The Escape key, a click outside and the dialog's own controls close it. The focus then returns to where it was.
 * @param {string} title
 * @param {(dialog: HTMLDialogElement) => (Node | string)[]} fill Creates the content below the title. Its controls call `dialog.close(value)`.
 * @param {{ class?: string, mayClose?: () => boolean | Promise<boolean> }} [options] `mayClose` is called when the reader wants to leave the dialog.
 * @returns {Promise<string>} The value that `dialog.close` got; empty if the reader left the dialog.
 */
export function openDialog(title, fill, options = {}) {
  const opener = document.activeElement;
  const name = `dialog-${++dialogNumber}`;
  const dialog = h("dialog", { class: options.class, "aria-labelledby": name });
  dialog.append(h("h2", { id: name, tabindex: "-1" }, title), ...fill(dialog));
  document.body.append(dialog);
  // Elements outside a modal dialog are inert, so banners and messages, whose controls must work, move into the dialog.
  const live = element("live");
  element("toast").hidden = true;
  dialog.prepend(live);
  dialog.showModal();
  let isLeaving = false;
  const leave = async () => {
    if (isLeaving) return;
    isLeaving = true;
    if ((await options.mayClose?.()) ?? true) dialog.close("");
    isLeaving = false;
  };
  // On a second Escape, browsers close a dialog even if the page wants to keep it open, so the key is intercepted.
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave();
  });
  // Close only if the press began outside: a drag that selects text in a field may end outside.
  let pressed = false;
  dialog.addEventListener("pointerdown", (event) => (pressed = event.target === dialog && isBeside(dialog, event)));
  dialog.addEventListener("click", (event) => pressed && event.target === dialog && isBeside(dialog, event) && leave());
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const dialogs = [...document.querySelectorAll("dialog")];
      const above = dialogs.slice(dialogs.indexOf(dialog) + 1);
      for (const other of above) other.close("");
      const below = dialogs.at(dialogs.indexOf(dialog) - 1);
      if (below && below !== dialog && !above.includes(below)) below.prepend(live);
      else element("bar").after(live);
      dialog.remove();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      resolve(dialog.returnValue);
    });
  });
}

/**
 * Opens a dialog with a form, and waits for the user's choice.
 * @param {string} title
 * @param {import("./dom.js").Child[]} content
 * @param {[value: string, label: string][]} choices The buttons. Pressing Enter in a field chooses the last button.
 * @param {{ class?: string, kind?: string }} [options] `kind`: the look of the last button.
 * @returns {Promise<string>} The value of the choice; empty if the reader left the dialog.
 */
export function ask(title, content, choices, { class: size, kind = "primary" } = {}) {
  const [last = "", label = ""] = choices.at(-1) ?? [];
  return openDialog(title, (dialog) => {
    const send = (/** @type {Event} */ event) => {
      event.preventDefault();
      dialog.close(last);
    };
    return [h("form", { onsubmit: send }, content, h("div", { class: "actions" },
      choices.slice(0, -1).map(([value, words]) => h("button", { class: "button", type: "button", onclick: () => dialog.close(value) }, words)),
      h("button", { class: `button ${kind}` }, label)))];
  }, { class: size });
}

/**
 * Asks for confirmation before something that cannot be undone.
 * @param {string} title
 * @param {string} sentence
 * @param {string} action The label of the button that confirms.
 * @param {string} [leave] The label of the button that cancels.
 */
export async function confirmed(title, sentence, action, leave = "Cancel") {
  return (await ask(title, [h("p", { class: "quiet" }, sentence)], [["", leave], ["yes", action]], { kind: "danger" })) !== "";
}

/**
 * @param {HTMLElement} dialog
 * @param {MouseEvent} event
 */
function isBeside(dialog, { clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
