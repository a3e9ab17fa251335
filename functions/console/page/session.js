/**
 * Who is signed in, from `GET /-/session`.
 * @typedef {{ id: string, name: string | null, role: string | null, manages_all_links: boolean,
 *   edits_all_links: boolean }} Organization `manages_all_links`: the user can choose the handle and hand links over.
 * @typedef {{ user_id: string, name: string | null, organizations: Organization[], expires_at: string | null }} Session
 * @typedef {{ kind: "signed-in", session: Session }
 *   | { kind: "signed-out" } | { kind: "not-configured" } | { kind: "offline" }
 *   | { kind: "unavailable", retryAfter: number }} State
 */

/** How long to wait if a response has no `Retry-After`, in seconds. */
const RETRY_SECONDS = 5;

/**
 * Finds out who is signed in. Never throws.
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
 * The state that follows from a response.
 * @param {number} status The status of the response, or 0 if there was no response.
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
 * The seconds in `Retry-After`: at least one second, and a default if the header is missing or is not a number.
 * @param {string | null} retryAfter
 */
export function secondsOf(retryAfter) {
  return Math.max(1, Number(retryAfter) || RETRY_SECONDS);
}

/**
 * Ends the session. The API responds with a redirect, which browsers without script need. This function does not follow
 * the redirect.
 * @returns {Promise<boolean>} Whether the session was ended.
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
 * The initials of a name: the first letters of its first and last words.
 * @param {string} name
 */
export function initialsOf(name) {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}
