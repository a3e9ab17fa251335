import { callApi, isAborted, linkPath, wordsOf } from "./api.js";
import { organizationName } from "./context.js";
import { announce, h } from "./dom.js";
import { download, today } from "./download.js";
import { button } from "./parts.js";
import { counted } from "./text.js";

/** The media types of an export. */
const TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" };

/**
 * The card that downloads all links of an organization as a file.
 * @param {import("./context.js").Context} context
 * @param {AbortSignal} signal
 */
export function exportCard({ org }, signal) {
  const words = h("p", { class: "quiet" });
  const clicks = h("input", { type: "checkbox" });
  /** Set while a file is being downloaded. @type {AbortController | null} */
  let running = null;
  signal.addEventListener("abort", () => running?.abort());

  const save = async (/** @type {keyof typeof TYPES} */ kind) => {
    const until = (running = new AbortController()).signal;
    show();
    /** @type {Blob[]} */
    const parts = [];
    let links = 0;
    try {
      const query = new URLSearchParams(clicks.checked ? { include: "clicks" } : {});
      for (let next = `${linkPath(org.id)}?${query}`; next !== "";) {
        words.textContent = `${counted(links, "link")} so far…`;
        const { body, next: following } = await callApi("GET", next, { file: TYPES[kind], signal: until });
        parts.push(body);
        links += await recordsIn(body, kind, parts.length === 1);
        next = following;
      }
      // With a byte order mark, Excel reads the text as UTF-8.
      const mark = kind === "csv" ? ["\ufeff"] : [];
      download(`signpost-${today()}.${kind}`, new Blob([...mark, ...parts], { type: TYPES[kind] }));
      words.textContent = `Downloaded ${counted(links, "link")}.`;
    } catch (error) {
      words.textContent = isAborted(error) ? "" : wordsOf(error);
    }
    running = null;
    show();
    announce(words.textContent ?? "");
    (kind === "csv" ? csv : ndjson).focus();
  };
  const csv = button("Download CSV", () => save("csv"));
  const ndjson = button("Download NDJSON", () => save("ndjson"));
  const stop = button("Stop", () => running?.abort());
  const actions = h("div", { class: "choices" });
  const show = () => {
    actions.replaceChildren(...(running ? [stop] : [csv, ndjson]));
    if (running) stop.focus();
  };
  show();
  return h("div", { class: "card part" }, h("h2", null, "Export links"),
    h("p", null, `All links of ${organizationName(org)}: a CSV for spreadsheets, or NDJSON for programs. Signpost can import both.`),
    h("label", { class: "check" }, clicks, "With the number of clicks"),
    actions, words);
}

/**
 * The number of links in a part of a file.
 * @param {Blob} part
 * @param {keyof typeof TYPES} kind
 * @param {boolean} isFirst Whether a CSV part begins with the header.
 */
async function recordsIn(part, kind, isFirst) {
  const text = await part.text();
  // In CSV, line breaks also occur within quotes. A line break ends a record only after an even number of quotes.
  const lines = kind === "ndjson" ? text.match(/\n/g) : text.replace(/"[^"]*"/g, "").match(/\n/g);
  return (lines?.length ?? 0) - (kind === "csv" && isFirst ? 1 : 0);
}
