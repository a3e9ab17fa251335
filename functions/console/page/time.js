const MINUTE = 60_000;
/** An hour, in milliseconds. */
export const HOUR = 60 * MINUTE;
/** A day of 24 hours, in milliseconds. */
export const DAY = 24 * HOUR;

/**
 * How long ago something happened or, after a week, on which day: "now", "5 min", "2 h", "3 d", "12 Nov", "12 Nov 2025".
 * @param {Date} date
 * @param {Date} now
 */
export function ageOf(date, now) {
  const age = now.getTime() - date.getTime();
  if (age < MINUTE) return "now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h`;
  if (age < 7 * DAY) return `${Math.floor(age / DAY)} d`;
  return dayOf(date, now);
}

/**
 * A day, with its year unless that is the current year.
 * @param {Date} date
 * @param {Date} now
 */
export function dayOf(date, now) {
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year });
}

/**
 * A time in full, in the reader's zone.
 * @param {Date} date
 */
export function fullTime(date) {
  return date.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "short" });
}

/**
 * The badge about a link's expiry: "Expired" after the expiry, or "Expires Fri" in the last week before the expiry.
 * @param {string | null} expiresAt
 * @param {Date} now
 * @returns {{ kind: "expired" | "expiring", words: string } | null}
 */
export function expiryOf(expiresAt, now) {
  if (expiresAt === null) return null;
  const end = new Date(expiresAt);
  const left = end.getTime() - now.getTime();
  if (left <= 0) return { kind: "expired", words: "Expired" };
  if (left > 7 * DAY) return null;
  const today = end.toDateString() === now.toDateString();
  const when = today
    ? end.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
    : end.toLocaleDateString("en-GB", { weekday: "short" });
  return { kind: "expiring", words: `Expires ${when}` };
}

/**
 * A time as the value of an input of type `datetime-local`: in the reader's zone, to the minute.
 * @param {Date} date
 */
export function localInputValue(date) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
