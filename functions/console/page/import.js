import { boot, contextOf, mount } from "./boot.js";
import { showImport } from "./import_screen.js";
import { routeOf } from "./routes.js";

/** Aborts the requests for the organization that was shown before. */
let shown = new AbortController();

boot((session, moveFocus) => {
  const context = contextOf(session, routeOf(location.hash).org, "import", moveFocus);
  if (!context) return;
  shown.abort();
  shown = new AbortController();
  mount(showImport(context, shown.signal), moveFocus);
});
