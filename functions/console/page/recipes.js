/**
 * The address for a browser's site search, with `%s` for a short name.
 * @param {string} base The beginning of the organization's short URLs.
 */
export function searchUrlOf(base) {
  return `${base}/%s`;
}

/**
 * The address of a bookmark that opens the console's form for a new link to the current page.
 * @param {string} origin The console's origin.
 */
export function bookmarkletOf(origin) {
  const start = JSON.stringify(`${origin}/#new?url=`);
  return `javascript:void open(${start}+encodeURIComponent(location.href)+"&title="+encodeURIComponent(document.title))`;
}

/**
 * A shell command that creates a link, with the API key in `$SIGNPOST_KEY`.
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
