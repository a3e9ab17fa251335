/**
 * Who is signed in, as `GET /-/session` answers.
 * @typedef {{ id: string, name: string | null, role: string | null, manages_all_links: boolean }} Organization
 * @typedef {{ user_id: string, name: string | null, organizations: Organization[], expires_at: string }} Session
 * @typedef {{ kind: "signed-in" | "no-organization", session: Session }
 *   | { kind: "signed-out" | "offline" }
 *   | { kind: "unavailable", retryAfter: number }} State
 */

/** Seconds to wait if an answer does not say how many. */
const RETRY_SECONDS = 5;

/**
 * Asks who is signed in. Never throws.
 * @returns {Promise<State>}
 */
export async function askSession() {
  try {
    const response = await fetch("/-/session", { cache: "no-store", headers: { accept: "application/json" } });
    const session = response.ok ? await response.json() : null;
    return stateOf(response.status, session, response.headers.get("retry-after"));
  } catch {
    return navigator.onLine ? stateOf(0, null, null) : { kind: "offline" };
  }
}

/**
 * The state that an answer stands for.
 * @param {number} status
 * @param {Session | null} session
 * @param {string | null} retryAfter
 * @returns {State}
 */
export function stateOf(status, session, retryAfter) {
  if (session) {
    return { kind: session.organizations.length > 0 ? "signed-in" : "no-organization", session };
  }
  if (status === 401) return { kind: "signed-out" };
  return { kind: "unavailable", retryAfter: Math.max(1, Number(retryAfter) || RETRY_SECONDS) };
}

/**
 * Ends the session. Its answer is a redirect, which is for browsers without script.
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
