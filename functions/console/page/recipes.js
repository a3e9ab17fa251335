/**
 * What a browser's site search is to open, for a short name in place of `%s`.
 * @param {string} base What the organization's short URLs begin with.
 */
export function searchUrlOf(base) {
  return `${base}/%s`;
}

/**
 * The address of a bookmark that opens the console on a new link to the page that is shown.
 * @param {string} origin The console's.
 */
export function bookmarkletOf(origin) {
  const start = JSON.stringify(`${origin}/#new?url=`);
  return `javascript:void open(${start}+encodeURIComponent(location.href)+"&title="+encodeURIComponent(document.title))`;
}

/**
 * A command that creates a link, with the key in `$SIGNPOST_KEY`.
 * @param {string} origin
 * @param {string} org
 */
export function commandOf(origin, org) {
  return [
    `curl -sS "${origin}/${encodeURIComponent(org)}/link"`,
    `  -H "Authorization: Bearer $SIGNPOST_KEY"`,
    `  -H "Content-Type: application/json"`,
    `  -d '{"url": "https://example.com/", "title": "An example"}'`,
  ].join(" \\\n");
}
