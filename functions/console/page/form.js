/**
 * @param {import("./context.js").Context} _context
 * @param {{ link?: import("api").Link, url?: string, title?: string, shortName?: string }} _start
 */
export async function openLinkForm(_context, _start) {}
