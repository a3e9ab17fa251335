import { reportSignOut } from "./connection.js";
import { organizationName } from "./context.js";
import { element, h } from "./dom.js";
import { showShortcuts } from "./keys.js";
import { historyHash, importPage, linksHash, overviewHash, settingsHash } from "./routes.js";
import { endSession, initialsOf, nameOf } from "./session.js";
import { signInUrl } from "./start.js";
import { toast } from "./toast.js";

/**
 * Fills the top bar: the screens, the organization and the account. Without a context, the bar shows only the product's name.
 * @param {import("./context.js").Context | null} context
 * @param {string} screen The current screen.
 */
export function fillBar(context, screen) {
  const brand = element("bar").querySelector(".brand");
  const parts = context ? [places(context, screen), organizationSwitch(context, screen), account(context)] : [];
  element("bar").replaceChildren(...(brand ? [brand] : []), ...parts);
}

/**
 * @param {import("./context.js").Context} context
 * @param {string} screen
 */
function places({ org }, screen) {
  const place = (/** @type {string} */ words, /** @type {string} */ address, /** @type {boolean} */ current) =>
    h("a", { href: address, "aria-current": current && "page" }, words);
  return h("nav", { class: "places", "aria-label": "Console" },
    place("Links", `/${linksHash(org.id)}`, screen === "links" || screen === "link"),
    place("Overview", `/${overviewHash(org.id)}`, screen === "overview"),
    place("History", `/${historyHash(org.id)}`, screen === "history"),
    place("Import", importPage(org.id), screen === "import"),
    place("Settings", `/${settingsHash(org.id)}`, screen === "settings"),
  );
}

/**
 * The menu of organizations. Choosing one opens its list or, if the overview is open, its overview.
 * @param {import("./context.js").Context} context
 * @param {string} screen
 */
function organizationSwitch({ session, org }, screen) {
  const hashOf = screen === "overview" ? overviewHash : linksHash;
  if (session.organizations.length === 1) return h("span", { class: "organization" }, organizationName(org));
  const choices = session.organizations.map((choice) =>
    h("option", { value: choice.id, selected: choice.id === org.id }, organizationName(choice)));
  const select = h("select", { class: "organization", "aria-label": "Organization", onchange: () => (location.hash = hashOf(select.value)) }, choices);
  return select;
}

/** @param {import("./context.js").Context} context */
function account({ session, org }) {
  const name = nameOf(session);
  const signOut = async () => {
    if (!(await endSession())) return toast("Signpost isn't responding. You are still signed in.");
    reportSignOut();
    location.reload();
  };
  return h("div", { class: "account" },
    h("button", { class: "initials", type: "button", popovertarget: "account-menu" },
      h("span", { "aria-hidden": "true" }, initialsOf(name)), h("span", { class: "for-screen-readers" }, `Account: ${name}`)),
    h("div", { class: "menu", id: "account-menu", popover: "auto" },
      h("p", { class: "who" }, h("strong", null, name), org.role && h("span", { class: "quiet" }, `${org.role} of ${organizationName(org)}`)),
      h("button", { class: "plain", type: "button", onclick: closing(showShortcuts) }, "Keyboard shortcuts"),
      h("a", { class: "plain", href: "/docs" }, "API documentation"),
      h("a", { class: "plain", href: signInUrl(true) }, "Use another account"),
      h("button", { class: "plain", type: "button", onclick: signOut }, "Sign out"),
    ),
  );
}

/** @param {() => void} run */
function closing(run) {
  return () => {
    element("account-menu").hidePopover();
    run();
  };
}
