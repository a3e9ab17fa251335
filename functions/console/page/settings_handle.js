import { callApi, isAborted } from "./api.js";
import { listen } from "./bus.js";
import { withoutScheme } from "./copy.js";
import { h } from "./dom.js";
import { handleForm } from "./handle.js";
import { failure } from "./parts.js";
import { settingsCard } from "./settings_card.js";
import { shortBaseOf } from "./short_base.js";
import { baseWithHandle } from "./text.js";
import { toast } from "./toast.js";

/** The maximum number of handles of an organization. */
const MAX_HANDLES = 5;

/**
 * The card that shows what short links look like, and which handle they contain. Admins can choose the handle.
 * @param {import("./context.js").Context} context
 * @param {AbortSignal} signal
 */
export function shortLinksCard(context, signal) {
  const { org } = context;
  const place = h("div", { class: "content", "aria-busy": "true", tabindex: "-1" });
  const fill = async () => {
    try {
      const [base, { body }] = await Promise.all([
        shortBaseOf(org.id, signal),
        callApi("GET", `/${encodeURIComponent(org.id)}/-/handle`, { signal }),
      ]);
      show(base, body);
    } catch (error) {
      if (isAborted(error)) return;
      place.replaceChildren(...failure(error, fill));
    }
    place.removeAttribute("aria-busy");
  };

  const show = (/** @type {string} */ base, /** @type {import("api").Handles} */ { handle, handles }) => {
    // The root organization, whose short links have no prefix, needs no handle.
    const isRoot = new URL(base).pathname === "/";
    const example = `${withoutScheme(handle && !isRoot ? baseWithHandle(base, handle) : base)}/launch`;
    const previous = handles.slice(1).map((name) => `@${name}`).join(", ");
    place.replaceChildren(...[
      h("p", null, "A short link looks like ", h("strong", null, example), "."),
      handle && h("p", null, "Handle: ", h("strong", null, `@${handle}`)),
      previous && h("p", { class: "quiet" }, `Previous handles, which still work: ${previous}`),
      (handle || !isRoot) && choice(handle ?? null, MAX_HANDLES - handles.length),
    ].filter((part) => part instanceof Node));
  };

  /**
   * The controls for the handle, for admins.
   * @param {string | null} handle
   * @param {number} left How many more handles the organization can have.
   */
  const choice = (handle, left) => {
    if (!org.manages_all_links) {
      return h("p", { class: "quiet" }, handle ? "Admins of your organization can choose another handle." : "Ask an admin to choose a short handle.");
    }
    if (left <= 0) return h("p", { class: "quiet" }, `Your organization has ${MAX_HANDLES} handles, which is the maximum.`);
    const form = () => handleForm(context, ({ handle: chosen }) => {
      place.focus();
      toast(`Chose @${chosen}. Short links show it within five minutes.`);
    }, { signal, proposed: handle ? "" : undefined, left: left - 1 });
    if (!handle) return form();
    const open = () => {
      button.replaceWith(form());
      place.querySelector("input")?.focus();
    };
    const button = h("button", { class: "button", type: "button", onclick: open }, "Choose another handle");
    return h("p", null, button);
  };

  listen("handle-changed", (handles) => shortBaseOf(org.id, signal).then((base) => show(base, handles)), signal);
  fill();
  return settingsCard("Short links", place);
}
