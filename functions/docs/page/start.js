(async () => {
  /** The timeout of the request for the signed-in user, in milliseconds. */
  const SESSION_TIMEOUT = 1500;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();

  // The order of operations: shorter paths first, and for the same path, creating first and deleting last.
  const methods = ["post", "get", "head", "put", "patch", "delete"];
  const place = (operation) => methods.indexOf(operation.get("method"));
  const order = (a, b) => a.get("path").length - b.get("path").length
    || a.get("path").localeCompare(b.get("path")) || place(a) - place(b);

  // Swagger UI shows an SVG as text, and gives other images no alternative text.
  const pictures = () => ({
    wrapComponents: {
      responseBody: (Original, { React }) => (props) => {
        const { content, contentType } = props;
        const url = React.useMemo(
          () => content && contentType?.startsWith("image/")
            ? URL.createObjectURL(new Blob([content], { type: contentType }))
            : null,
          [content, contentType],
        );
        React.useEffect(() => () => URL.revokeObjectURL(url), [url]);
        return url
          ? React.createElement("div", null,
            React.createElement("h5", null, "Response body"),
            React.createElement("img", { src: url, alt: "The image in the response" }))
          : React.createElement(Original, props);
      },
    },
  });

  // The browser sends the session cookie by itself, and scripts cannot set it, so "Authorize" must not offer it.
  const spec = JSON.parse(document.getElementById("document").textContent);
  delete spec.components.securitySchemes.sessionCookie;
  for (const operation of Object.values(spec.paths).flatMap(Object.values)) {
    operation.security = operation.security.filter((scheme) => !scheme.sessionCookie);
  }

  // Shows who is signed in, and returns the first of that user's organizations.
  const showSession = async () => {
    const line = document.getElementById("session");
    const link = (href, textContent) => Object.assign(document.createElement("a"), { href, textContent });
    const answer = await fetch("/-/session", { cache: "no-store", headers: { Accept: "application/json" } });
    let organization = null;
    if (answer.ok) {
      const session = await answer.json();
      const name = document.createElement("bdi");
      name.append(link("/", session.name ?? session.user_id));
      line.replaceChildren("Signed in as ", name, ".");
      organization = session.organizations[0]?.id ?? null;
    } else if (answer.status === 401) {
      line.replaceChildren("You're not signed in. ", link("/-/sign-in?return_to=/docs", "Sign in"));
    } else {
      return null;
    }
    line.hidden = false;
    return organization;
  };
  const known = showSession().catch(() => null);
  const organization = await Promise.race([known, new Promise((go) => setTimeout(go, SESSION_TIMEOUT, null))]);
  if (organization) spec.components.parameters.org_id.example = organization;
  const showSessionAgain = () => showSession().catch(() => {});
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && showSessionAgain());

  SwaggerUIBundle({
    dom_id: "#swagger-ui",
    spec,
    deepLinking: true,
    operationsSorter: order,
    persistAuthorization: false,
    plugins: [pictures],
    responseInterceptor: (response) => {
      // The session has ended, or the user signed out in another tab.
      if (response.status === 401) showSessionAgain();
      return response;
    },
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
