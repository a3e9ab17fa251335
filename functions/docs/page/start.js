(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();

  // From making a thing to doing away with it, shorter paths first.
  const methods = ["post", "get", "head", "put", "patch", "delete"];
  const place = (operation) => methods.indexOf(operation.get("method"));
  const order = (a, b) => a.get("path").length - b.get("path").length
    || a.get("path").localeCompare(b.get("path")) || place(a) - place(b);

  // Swagger UI shows an SVG as text, and pictures without a text in their place.
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
            React.createElement("img", { src: url, alt: "The picture that was answered" }))
          : React.createElement(Original, props);
      },
    },
  });

  // The browser sends the session cookie by itself, and no page can set it: there is nothing to authorize.
  const spec = JSON.parse(document.getElementById("document").textContent);
  delete spec.components.securitySchemes.sessionCookie;
  for (const operation of Object.values(spec.paths).flatMap(Object.values)) {
    operation.security = operation.security.filter((scheme) => !scheme.sessionCookie);
  }

  SwaggerUIBundle({
    dom_id: "#swagger-ui",
    spec,
    deepLinking: true,
    operationsSorter: order,
    persistAuthorization: false,
    plugins: [pictures],
    tryItOutEnabled: true,
    validatorUrl: null,
  });

  // Without sign-in by browser there is no session to ask for, and the line stays away.
  const showSession = async () => {
    const answer = await fetch("/-/session", { headers: { Accept: "application/json" } });
    const line = document.getElementById("session");
    if (answer.ok) {
      const { name, user_id: id } = await answer.json();
      line.append("Signed in as ", Object.assign(document.createElement("bdi"), { textContent: name ?? id }), ".");
    } else if (answer.status === 401) {
      const link = Object.assign(document.createElement("a"), {
        href: "/-/sign-in?return_to=/docs",
        textContent: "Sign in",
      });
      line.append("You're not signed in. ", link);
    } else {
      return;
    }
    line.hidden = false;
  };
  showSession().catch(() => {});
})();
