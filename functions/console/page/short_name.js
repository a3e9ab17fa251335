import { callApi, isAborted, linkPath, Problem } from "./api.js";
import { withoutScheme } from "./copy.js";
import { announce, h } from "./dom.js";
import { fieldOf, textButton } from "./fields.js";
import { linkHash } from "./routes.js";
import { foldedShortName, nextFree } from "./text.js";

/** How long to wait after a key press before looking up the name, in milliseconds. */
const TYPING_DELAY = 300;

/** The one name that no link can have (README, "id"). */
const RESERVED = "link";

/**
 * A field for a link's short name. It shows whether the name is taken, and suggests another one.
 * @param {string} org
 * @param {string} start
 * @param {string} [current] The link's name; empty for a new link.
 */
export function shortNameField(org, start, current = "") {
  const input = h("input", {
    name: "id", value: current || foldedShortName(start), autocomplete: "off", autocapitalize: "none", spellcheck: "false",
  });
  // If there is little room, the host is cut off, and the part of the URL that identifies the organization stays visible.
  const host = h("span", { class: "prefix host" });
  const path = h("span", { class: "prefix" });
  const around = h("div", { class: "with-prefix" }, host, path, input);
  const field = fieldOf("Short name", input, { optional: !current, around, hint: current ? `It stays /${current}.` : "We'll pick one." });

  let base = "";
  /** The hint about characters that were dropped because a short name cannot contain them. */
  let dropped = "";
  /** @type {number | undefined} */
  let timer;
  let asked = new AbortController();

  const use = (/** @type {string} */ name) => {
    input.value = name;
    input.focus();
    ask();
  };
  /** @param {string} name @param {string | undefined} proposal */
  const taken = (name, proposal) => {
    const see = h("a", { href: linkHash(org, name), target: "_blank" }, "See it");
    field.fail(`“${name}” is taken.`, ...(proposal ? [textButton(`Use ${proposal}`, () => use(proposal))] : []), see);
    announce(`“${name}” is taken.${proposal ? ` ${proposal} is free.` : ""}`);
  };
  const ask = () => {
    clearTimeout(timer);
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    const name = input.value;
    if (!name) return dropped ? field.hint(dropped) : field.fail("");
    if (name === RESERVED) return field.fail(`“${name}” is reserved. Choose another name.`);
    field.hint("");
    if (name === current) return;
    timer = setTimeout(async () => {
      try {
        const { body } = await callApi("GET", linkPath(org), { query: { prefix: name, limit: 100 }, signal, waits: false });
        const names = new Set(body.data.map((/** @type {import("api").Link} */ link) => link.id));
        if (names.has(name) || (body.next_cursor && (await isThere(org, name, signal)))) return taken(name, nextFree(name, names.add(name)));
        field.hint(`${base}${name} is available.`, current && `/${current} keeps working.`, dropped);
      } catch (error) {
        // This failure does not matter: if the name is taken, the request that saves the link reports that.
        if (!isAborted(error)) field.hint("");
      }
    }, TYPING_DELAY);
  };
  input.addEventListener("input", (event) => {
    if (event instanceof InputEvent && event.isComposing) return;
    const end = input.value.slice(input.selectionStart ?? 0).length;
    const typed = input.value;
    input.value = foldedShortName(typed);
    dropped = keepsAll(typed, input.value) ? "" : "Only letters a to z, digits, - and _ are kept.";
    const caret = Math.max(0, input.value.length - end);
    input.setSelectionRange(caret, caret);
    ask();
  });
  if (input.value) ask();
  return {
    ...field,
    input,
    taken,
    /** Shows the beginning of the short URL. @param {string} shortBase */
    showBase: (shortBase) => {
      base = `${withoutScheme(shortBase)}/`;
      const slash = base.indexOf("/");
      host.textContent = base.slice(0, slash);
      path.textContent = base.slice(slash);
    },
    /** Cancels pending lookups. */
    stop: () => {
      clearTimeout(timer);
      asked.abort();
    },
  };
}

/**
 * Whether a short name contains everything that was typed, apart from spaces and capitals.
 * @param {string} typed
 * @param {string} name
 */
function keepsAll(typed, name) {
  return typed.replace(/^[\s_-]+/, "").replace(/\s+/g, " ").length <= name.length;
}

/**
 * Whether a link with this name exists. Requests the link itself, because a list of links would have to be read to its end.
 * @param {string} org
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function isThere(org, name, signal) {
  try {
    await callApi("GET", linkPath(org, name), { signal, waits: false });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
    throw error;
  }
}
