/**
 * @typedef {import("api").Link} Link
 * @typedef {{ link: Link, reason: string }} Refusal
 */

/** The maximum number of concurrent requests. */
const AT_ONCE = 4;
/** How many times a rate-limited request is sent, including the first attempt. */
const ATTEMPTS = 4;

/**
 * Does the same work for each link, a few links at a time, and continues with the other links if the work fails for one.
 * @param {Link[]} links
 * @param {(link: Link) => Promise<unknown>} work
 * @param {object} options
 * @param {(done: number) => void} options.progress Called after each link with the number of finished links.
 * @param {() => boolean} options.isStopped Called before each link. After it returns true, no more work is started.
 * @param {(link: Link, error: unknown) => string} options.reason Returns a sentence that says why a link could not be changed.
 * @param {(milliseconds: number) => Promise<void>} [options.wait]
 * @returns {Promise<{ done: Link[], refused: Refusal[] }>} Links on which no work was started are in neither array.
 */
export async function forEachLink(links, work, { progress, isStopped, reason, wait = sleep }) {
  /** @type {Link[]} */
  const done = [];
  /** @type {Refusal[]} */
  const refused = [];
  let next = 0;
  const worker = async () => {
    for (let link = links[next++]; link && !isStopped(); link = links[next++]) {
      try {
        await patiently(link, work, wait);
        done.push(link);
      } catch (error) {
        refused.push({ link, reason: reason(link, error) });
      }
      progress(done.length + refused.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { done, refused };
}

/**
 * The result of a bulk change, in one or two sentences.
 * @param {string} did What was done, such as "switched off".
 * @param {number} done
 * @param {number} refused
 */
export function outcome(did, done, refused) {
  const could = `${done} ${did}.`;
  return refused > 0 ? `${done > 0 ? `${could} ` : ""}${refused} failed:` : could;
}

/**
 * A rate-limited request was not executed, so it can be retried.
 * @param {Link} link
 * @param {(link: Link) => Promise<unknown>} work
 * @param {(milliseconds: number) => Promise<void>} wait
 */
async function patiently(link, work, wait) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(link);
    } catch (error) {
      const isEarly = error instanceof Error && "status" in error && error.status === 429;
      if (!isEarly || attempt === ATTEMPTS) throw error;
      await wait(attempt * 1_000);
    }
  }
}

/** @param {number} milliseconds */
function sleep(milliseconds) {
  return new Promise((/** @type {(value?: undefined) => void} */ resolve) => setTimeout(resolve, milliseconds));
}
