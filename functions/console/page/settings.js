import { organizationName } from "./context.js";
import { h } from "./dom.js";
import { keySwitch, showShortcuts } from "./keys.js";
import { nameOf } from "./session.js";
import { described, settingsCard } from "./settings_card.js";
import { shortLinksCard } from "./settings_handle.js";
import { addressBarCard, bookmarkCard, scriptsCard } from "./settings_tools.js";
import { fullTime } from "./time.js";

/** The settings of an organization, and those of the signed-in user. @type {import("./main.js").Screen} */
export function showSettings(context, _route, signal) {
  document.title = `Settings · ${organizationName(context.org)} · Signpost`;
  return h("section", { class: "settings" },
    h("h1", { tabindex: "-1" }, "Settings"),
    shortLinksCard(context, signal),
    addressBarCard(context, signal),
    bookmarkCard(),
    settingsCard("Keyboard",
      h("p", null, keySwitch()),
      h("p", { class: "quiet" }, "Single keys, such as ", h("kbd", null, "c"), " for a new link. Switch them off if they get in the way of dictation or other tools. ",
        h("button", { class: "text", type: "button", onclick: showShortcuts }, "Show the keys"))),
    scriptsCard(context),
    accountCard(context),
  );
}

/** @param {import("./context.js").Context} context */
function accountCard({ session, org }) {
  const version = document.querySelector("meta[name=version]")?.getAttribute("content");
  const memberships = session.organizations.map((membership) => h("div", null,
    `${organizationName(membership)}${membership.role ? `, ${membership.role}` : ""}${membership.id === org.id && session.organizations.length > 1 ? " (shown)" : ""}`));
  return settingsCard("You and Signpost",
    h("dl", { class: "facts" },
      described("Signed in as", nameOf(session)),
      described(memberships.length === 1 ? "Organization" : "Organizations", ...memberships),
      described("You can change", org.manages_all_links ? "every link" : "the links you created"),
      session.expires_at ? described("Session ends", fullTime(new Date(session.expires_at)), h("div", { class: "quiet" }, "You then sign in again. Nothing you typed is lost.")) : "",
      described("Version", version ?? "", " · ", h("a", { href: "/docs" }, "API documentation"))));
}
