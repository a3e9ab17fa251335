import { callApi, isAborted, linkPath, wordsOf } from "./api.js";
import { withoutScheme } from "./copy.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

/** The PNG's width in pixels: enough for a slide, or for a print the size of a hand. The SVG is sharp at any size. */
const PNG_SIZE = 1024;

/**
 * Shows the QR code of a link, for scanning or downloading.
 * @param {import("api").Link} link
 */
export async function openQr(link) {
  const closed = new AbortController();
  /** @type {string[]} */
  const blobs = [];
  const load = async (/** @type {string} */ format) => {
    const query = { format, size: PNG_SIZE };
    const { body } = await callApi("GET", `${linkPath(link.org_id, link.id)}/qr`, { query, signal: closed.signal, file: "*/*", waits: false });
    const url = URL.createObjectURL(body);
    blobs.push(url);
    return url;
  };
  const download = (/** @type {string} */ format, /** @type {string} */ url) =>
    h("a", { class: "button", href: url, download: `signpost-${link.id}.${format}` }, `Download ${format.toUpperCase()}`);

  await openDialog("QR code", (dialog) => {
    const place = h("div", { class: "qr", "aria-busy": "true" });
    const downloads = h("span", { class: "qr-downloads" });
    Promise.all([load("svg"), load("png")]).then(([picture, png]) => {
      place.replaceChildren(h("img", { src: picture, alt: `QR code of ${withoutScheme(link.short_url)}`, width: 240, height: 240 }));
      downloads.replaceChildren(download("svg", picture), download("png", png));
    }).catch((error) => {
      if (!isAborted(error)) place.replaceChildren(h("p", { role: "alert" }, wordsOf(error)));
    }).finally(() => place.removeAttribute("aria-busy"));
    return [
      place,
      h("p", { class: "qr-url" }, withoutScheme(link.short_url)),
      h("div", { class: "actions" }, downloads, h("button", { class: "button", type: "button", onclick: () => dialog.close("") }, "Close")),
    ];
  });
  closed.abort();
  for (const url of blobs) URL.revokeObjectURL(url);
}
