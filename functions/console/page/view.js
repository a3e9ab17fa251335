/** The screens, of which one is shown at a time, by their ids. */
const SCREENS = ["loading", "signed-out", "signed-in", "no-organization", "unavailable"];

/**
 * The element with this id, which the page has.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * Shows one screen, and says what it is to screen readers.
 * @param {string} screen
 * @param {string} status
 */
export function show(screen, status) {
  for (const id of SCREENS) element(id).hidden = id !== screen;
  element("main").setAttribute("aria-busy", String(screen === "loading"));
  // The same words again would be read out again.
  if (element("status").textContent !== status) element("status").textContent = status;
}

/** Moves the focus to the title of the screen that is shown, for whoever used a control that is gone. */
export function focusTitle() {
  /** @type {HTMLElement | null} */ (document.querySelector(".screen:not([hidden]) h1"))?.focus();
}

/**
 * Shows whose session it is, in the bar and on the screen.
 * @param {import("./session.js").Session | null} session
 */
export function showAccount(session) {
  element("account").hidden = !session;
  if (!session) return;
  const name = nameOf(session);
  element("account-name").textContent = name;
  element("name").textContent = name;
  element("no-organization-sentence").textContent =
    `${name}, you aren't in any organization yet. Ask an admin to add you.`;
  element("organizations").replaceChildren(...session.organizations.map(row));
  element("expires").textContent = `This session ends ${time(new Date(session.expires_at), new Date())}.`;
}

/**
 * What to call the user.
 * @param {import("./session.js").Session} session
 */
export function nameOf(session) {
  return session.name || session.user_id;
}

/**
 * A time in the reader's own zone, with the day unless it is today.
 * @param {Date} date
 * @param {Date} now
 */
export function time(date, now) {
  const clock = date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  const day = date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  return date.toDateString() === now.toDateString() ? `at ${clock}` : `on ${day} at ${clock}`;
}

/** @param {import("./session.js").Organization} organization */
function row(organization) {
  const item = document.createElement("li");
  item.append(text("organization", organization.name || organization.id));
  const comma = () => text("for-screen-readers", ", ");
  if (organization.role) item.append(comma(), text("badge", organization.role));
  item.append(comma(), text("rights", organization.manages_all_links ? "You manage all links." : "You manage your own links."));
  return item;
}

/**
 * @param {string} className
 * @param {string} content
 */
function text(className, content) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = content;
  return span;
}
