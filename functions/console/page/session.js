/**
 * Who is signed in, from `GET /-/session`.
 * @typedef {{ id: string, name: string | null, role: string | null, manages_all_links: boolean,
 *   edits_all_links: boolean }} Organization `manages_all_links` is about the handle and handing links over.
 * @typedef {{ user_id: string, name: string | null, organizations: Organization[], expires_at: string | null }} Session
 * @typedef {{ kind: "signed-in", session: Session }
 *   | { kind: "signed-out" } | { kind: "not-configured" } | { kind: "offline" }
 *   | { kind: "unavailable", retryAfter: number }} State
 */

/** Seconds to wait if a response does not say. */
const RETRY_SECONDS = 5;

/**
 * Reads who is signed in. Never throws.
 * @returns {Promise<State>}
 */
export async function askSession() {
  try {
    const response = await fetch("/-/session", { cache: "no-store", headers: { accept: "application/json" } });
    const body = await response.json().catch(() => null);
    return stateOf(response.status, body, response.headers.get("retry-after"));
  } catch {
    return navigator.onLine ? stateOf(0, null, null) : { kind: "offline" };
  }
}

/**
 * The state that a response stands for.
 * @param {number} status 0 if there was no response.
 * @param {any} body
 * @param {string | null} retryAfter
 * @returns {State}
 */
export function stateOf(status, body, retryAfter) {
  if (status === 200 && body) return { kind: "signed-in", session: body };
  if (status === 401) return { kind: body?.code === "sign_in_not_configured" ? "not-configured" : "signed-out" };
  return { kind: "unavailable", retryAfter: secondsOf(retryAfter) };
}

/**
 * The seconds in `Retry-After`: at least one, and a default if it is missing.
 * @param {string | null} retryAfter
 */
export function secondsOf(retryAfter) {
  return Math.max(1, Number(retryAfter) || RETRY_SECONDS);
}

/**
 * Ends the session. The response is a redirect, for browsers without script.
 * @returns {Promise<boolean>} Whether it was ended.
 */
export async function endSession() {
  try {
    const response = await fetch("/-/sign-out", { method: "POST", redirect: "manual" });
    return response.type === "opaqueredirect" || response.ok;
  } catch {
    return false;
  }
}

/**
 * The display name of the user.
 * @param {Session} session
 */
export function nameOf(session) {
  return session.name || session.user_id;
}

/**
 * The first letters of a name's first and last word.
 * @param {string} name
 */
export function initialsOf(name) {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}
