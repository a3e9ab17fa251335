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

  SwaggerUIBundle({
    dom_id: "#swagger-ui",
    spec: JSON.parse(document.getElementById("document").textContent),
    deepLinking: true,
    operationsSorter: order,
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
