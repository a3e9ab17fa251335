import { isAborted } from "./api.js";
import { listen } from "./bus.js";
import { copyText } from "./copy.js";
import { h } from "./dom.js";
import { bookmarkletOf, commandOf, searchUrlOf } from "./recipes.js";
import { copyable, described, settingsCard } from "./settings_card.js";
import { shortBaseOf } from "./short_base.js";
import { baseWithHandle } from "./text.js";
import { toast } from "./toast.js";

/**
 * The card that explains how to open a link by typing `go` and its short name into the address bar.
 * @param {import("./context.js").Context} context
 * @param {AbortSignal} signal
 */
export function addressBarCard({ org }, signal) {
  const { text, node } = copyable("address");
  shortBaseOf(org.id, signal).then((base) => (text.textContent = searchUrlOf(base)), (error) => {
    if (!isAborted(error)) text.textContent = error.message;
  });
  listen("handle-changed", ({ handle }) => {
    if (handle && text.textContent) text.textContent = searchUrlOf(baseWithHandle(text.textContent, handle));
  }, signal);
  const keyword = () => h("strong", null, "go");
  return settingsCard("Links from the address bar",
    h("p", null, "Type ", h("strong", null, "go launch"), " into the address bar to open ", h("strong", null, "/launch"), ". Set it up once, with this address:"),
    node,
    h("dl", { class: "steps" },
      described("Chrome, Edge", "Open chrome://settings/searchEngines, and under Site search choose Add. The shortcut is ", keyword(), ", and the URL is this address."),
      described("Firefox", "Add a bookmark with this address as its URL and, as its keyword, ", keyword(), "."),
      described("Safari", "Has no keywords for bookmarks. Open short links on this page, or install an extension that adds keywords.")));
}

/** The card with the bookmark that creates a link to the current page. */
export function bookmarkCard() {
  const code = bookmarkletOf(location.origin);
  const explain = (/** @type {Event} */ event) => {
    event.preventDefault();
    toast("Drag this to your bookmarks bar, then click it there.");
  };
  // The reader drags this link to the bookmarks bar. Clicking it here would do nothing, because the page's security policy forbids
  // the link's script.
  const bookmark = h("a", { class: "button bookmark", href: code, draggable: "true", onclick: explain }, "Create link");
  const copy = () => copyText(code, "Copied the bookmark's address.");
  return settingsCard("Create links from any page",
    h("p", null, "Drag this to your bookmarks bar. On any page, click it to create a link to that page."),
    h("p", null, bookmark),
    h("p", { class: "quiet" }, "On a phone, or without a mouse: bookmark any page, then edit the bookmark and replace its address. In Chrome on Android, type the bookmark's name to run it. ",
      h("button", { class: "text", type: "button", onclick: copy }, "Copy the bookmark's address")));
}

/**
 * The card that explains how scripts call the API.
 * @param {import("./context.js").Context} context
 */
export function scriptsCard({ org }) {
  const { node } = copyable("command", commandOf(location.origin, org.id));
  return settingsCard("A key for scripts",
    h("p", null, "Keys come from your sign-in provider; Signpost keeps none. With PropelAuth, create an API key for yourself or for the organization. With other providers, set up a client that gets tokens with the client credentials grant."),
    h("p", null, "With the key in ", h("strong", null, "SIGNPOST_KEY"), ", this creates a link:"),
    node,
    h("p", { class: "quiet" }, "All requests are described in the ", h("a", { href: "/docs" }, "API documentation"), "."));
}
