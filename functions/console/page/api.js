import { noteLoaded, outage, sessionEnded } from "./connection.js";
import { secondsOf } from "./session.js";

/**
 * @typedef {import("api").Fault} Fault
 * @typedef {object} Call
 * @property {Record<string, string | number | null | undefined>} [query] The query parameters. Parameters that are
 *   null, undefined or "" are left out.
 * @property {unknown} [body] The request body, which is sent as JSON, or a file, which is sent as it is.
 * @property {string} [ifMatch] The entity tag that the link must still have.
 * @property {string} [idempotencyKey] The same key for each attempt to create one link: all attempts together create only one link.
 * @property {AbortSignal} [signal]
 * @property {string} [file] The media type of the response, if it is a file instead of JSON.
 * @property {boolean} [waits] Whether the request waits for the end of an outage and is sent again, instead of failing. By default, only GETs
 *   wait. A write may wait only if sending it twice has no further effect.
 * @typedef {{ body: any, etag: string, change: string, next: string }} Answer `change` is the id of the change's record; empty if
 *   nothing changed. `next` is the address of the next page of a file, or empty.
 */

/** Why a request failed: the API's problem (RFC 9457), or no response at all (status 0). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {any} body
   */
  constructor(status, body) {
    super(body?.detail || "Signpost isn't responding. Try again in a moment.");
    this.status = status;
    /** @type {string} */
    this.code = body?.code || "unavailable";
    /** @type {Fault[]} */
    this.errors = body?.errors ?? [];
    /** @type {string | undefined} */
    this.suggestedId = body?.suggested_id;
  }
}

/**
 * Calls the API. If the session has ended, waits until it is renewed. A banner is shown during the wait.
 * @param {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {Call} [call]
 * @returns {Promise<Answer>}
 * @throws {Problem} The API rejected the request, or there was no response. A write without a response may have taken effect.
 */
export async function callApi(method, path, call = {}) {
  const url = path + searchOfCall(call.query);
  const headers = new Headers({ accept: call.file ?? "application/json" });
  const isFile = call.body instanceof Blob;
  // API Gateway passes bytes of this type on as they are.
  if (call.body !== undefined) headers.set("content-type", isFile ? "application/octet-stream" : "application/json");
  if (call.ifMatch) headers.set("if-match", call.ifMatch);
  if (call.idempotencyKey) headers.set("idempotency-key", call.idempotencyKey);
  const body = isFile ? /** @type {Blob} */ (call.body) : JSON.stringify(call.body);
  const waits = call.waits ?? method === "GET";
  for (;;) {
    const response = await fetch(url, { method, headers, body, signal: call.signal, cache: "no-store" }).catch((error) => {
      if (call.signal?.aborted) throw error;
      return null;
    });
    if (response?.status === 401) {
      await sessionEnded();
      call.signal?.throwIfAborted();
      continue;
    }
    const content = await (call.file && response?.ok ? response.blob() : response?.json())?.catch(() => null);
    call.signal?.throwIfAborted();
    // A response that was cut off, or that is not from the API, is treated as no response.
    const status = response && !(response.ok && content === null) ? response.status : 0;
    if (waits && (status === 0 || status === 429 || status >= 500)) {
      await outage(secondsOf(response?.headers.get("retry-after") ?? null), call.signal);
      continue;
    }
    if (waits) noteLoaded();
    if (!response?.ok || status === 0) throw new Problem(status, content);
    const header = (/** @type {string} */ name) => response.headers.get(name) ?? "";
    return { body: content, etag: header("etag"), change: header("signpost-change"), next: /<([^>]*)>/.exec(header("link"))?.[1] ?? "" };
  }
}

/**
 * The path of an organization's links, or of one link.
 * @param {string} org
 * @param {string} [slug]
 */
export function linkPath(org, slug) {
  return `/${encodeURIComponent(org)}/link${slug === undefined ? "" : `/${encodeURIComponent(slug)}`}`;
}

/**
 * The path of an organization's history.
 * @param {string} org
 */
export function historyPath(org) {
  return `/${encodeURIComponent(org)}/-/history`;
}

/**
 * An entity tag that the API accepts as that of the link.
 * @param {import("api").Link} link
 */
export function etagOf(link) {
  // If a link was made before births were stored, its `birth` ends with `#` and the creation time. The API accepts
  // an entity tag with only that time (README, "Links").
  const [, createdAt] = link.birth.split("#");
  return `"${createdAt ?? link.birth}-${link.version}"`;
}

/**
 * Whether an error only means that the reader left the screen, which cancelled the request.
 * @param {unknown} error
 */
export function isAborted(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/**
 * What went wrong, as a sentence. Only the first fault is read: a body that the page sends without a form has at most one.
 * @param {unknown} error
 */
export function wordsOf(error) {
  if (error instanceof Problem && error.errors[0]) return error.errors[0].message;
  return error instanceof Error ? error.message : String(error);
}

/** @param {Call["query"]} query */
function searchOfCall(query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.size > 0 ? `?${search}` : "";
}
