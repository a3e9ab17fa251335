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

  SwaggerUIBundle({
    dom_id: "#swagger-ui",
    spec: JSON.parse(document.getElementById("document").textContent),
    deepLinking: true,
    operationsSorter: order,
    persistAuthorization: false,
    plugins: [pictures],
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
