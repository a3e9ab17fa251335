import { callApi, isAborted, linkPath } from "./api.js";
import { copyUrl } from "./copy.js";
import { announce, h } from "./dom.js";
import { fieldOf, textButton } from "./fields.js";
import { creatorOf } from "./people.js";
import { counted, urlIn } from "./text.js";

/** How long to wait after a key press before searching for links with the same destination, in milliseconds. */
const LOOKUP_DELAY = 300;

/**
 * A field for a destination. It adds the scheme to `example.com/x`, and shows whether a link to the destination exists.
 * @param {import("./context.js").Context} context
 * @param {string} start
 * @param {import("api").Link | null} own The edited link, which is not reported as a duplicate.
 */
export function destinationField(context, start, own) {
  const input = h("input", {
    name: "url", type: "text", inputmode: "url", required: true, value: start, autocomplete: "off", autocapitalize: "none",
    spellcheck: "false", placeholder: "https://",
  });
  const field = fieldOf("Destination", input);
  /** @type {number | undefined} */
  let timer;
  let asked = new AbortController();

  const look = () => {
    clearTimeout(timer);
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    const url = urlIn(input.value);
    field.fail("");
    if (!url || url === own?.url) return;
    timer = setTimeout(async () => {
      try {
        const query = { url, limit: 2, include: "clicks" };
        const { body } = await callApi("GET", linkPath(context.org.id), { query, signal, waits: false });
        const found = body.data.find((/** @type {import("api").Link} */ link) => link.id !== own?.id);
        if (found) showFound(found);
      } catch (error) {
        // The link can be created even if this search fails.
        if (!isAborted(error)) field.fail("");
      }
    }, LOOKUP_DELAY);
  };
  const showFound = (/** @type {import("api").Link} */ link) => {
    const who = creatorOf(link, context.session.user_id);
    const words = `, by ${who === "You" ? "you" : who}, ${counted(link.clicks ?? 0, "click")}.`;
    field.hint(h("span", { class: "already" },
      h("span", null, "Already short: ", h("strong", null, `/${link.id}`), words),
      textButton("Copy that one", () => copyUrl(link.short_url)),
    ));
    announce(`Already short: /${link.id}${words}`);
  };
  input.addEventListener("input", look);
  input.addEventListener("blur", () => {
    const url = urlIn(input.value);
    if (url && !/^https?:/i.test(input.value.trim())) input.value = url;
  });
  if (start) look();
  /** Shows a fault if the text is empty or is not a web address. If the text has a scheme, only the API checks it. */
  const isSound = () => {
    const typed = input.value.trim();
    if (/^[a-z][a-z0-9+.-]*:/i.test(typed) || urlIn(typed)) return true;
    field.fail(typed ? "Enter a web address such as https://example.com/page." : "Enter where the link leads.");
    input.focus();
    return false;
  };
  return {
    ...field,
    isSound,
    input,
    /** The value to send: completed if possible, or otherwise as typed, so that the API reports what is wrong. */
    value: () => {
      const typed = input.value.trim();
      return /^[a-z][a-z0-9+.-]*:/i.test(typed) && !/^[^/]*\.[^/]*:\d/.test(typed) ? typed : (urlIn(typed) ?? typed);
    },
    stop: () => {
      clearTimeout(timer);
      asked.abort();
    },
  };
}
