import { organizationName } from "./context.js";
import { announce, h } from "./dom.js";
import { KINDS } from "./history.js";
import { historyPart } from "./history_part.js";
import { seenIn } from "./kept_lists.js";
import { historyHash } from "./routes.js";
import { counted } from "./text.js";
import { options, withChosen } from "./toolbar.js";

/** Who changed which links of an organization. @type {import("./main.js").Screen} */
export function showHistory(context, { query }, signal) {
  const { org } = context;
  document.title = `History · ${organizationName(org)} · Signpost`;
  const chosen = { change: query.get("change") ?? "", creator: query.get("creator") ?? "" };
  const changed = async () => {
    Object.assign(chosen, { change: kind.value, creator: person.value });
    history.replaceState(null, "", historyHash(org.id, chosen));
    await part.load();
    announce(counted(part.element.querySelectorAll("li").length, "change"));
  };
  const kind = h("select", { "aria-label": "Kind of change", onchange: changed }, options([["", "All changes"], ...KINDS], chosen.change));
  const person = h("select", { "aria-label": "Changed by", onchange: changed });
  const showPeople = () => person.replaceChildren(...options([["", "Everyone"], ...withChosen(seenIn(context).creators, chosen.creator)], chosen.creator));
  showPeople();
  const part = historyPart(context, { query: () => chosen, loaded: showPeople }, signal);
  return h("section", null,
    h("div", { class: "history-head" }, h("h1", { tabindex: "-1" }, "History"), kind, person),
    h("div", { class: "card" }, part.element));
}
