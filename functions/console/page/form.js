/**
 * Opens the dialog that creates a link, or edits `link`. `again` is a deleted link, whose values it proposes.
 * @param {import("./context.js").Context} _context
 * @param {{ link?: import("api").Link, again?: import("api").Link, url?: string, title?: string, shortName?: string }} _start
 */
export async function openLinkForm(_context, _start) {}
