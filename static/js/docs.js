/** /docs: the API's description, drawn by swagger-ui, which asks this server and no other. */

const BASE = "/api/v1";
const dark = matchMedia("(prefers-color-scheme: dark)");
const {theme} = document.documentElement.dataset;
const follow = () => document.documentElement.classList.toggle("dark-mode", theme ?
  theme === "dark" : dark.matches);
dark.addEventListener("change", follow);
follow();

const {SwaggerUIBundle} = /** @type {any} */ (window);
SwaggerUIBundle({
  url: `${BASE}/openapi.json`,
  dom_id: "#swagger",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: withSession,
});

/**
 * "Try it out" works with a token, and for who is logged in also without one.
 * @param {{url: string, method?: string, headers: Record<string, string>}} request
 */
async function withSession(request) {
  const reads = ["GET", "HEAD"].includes((request.method ?? "GET").toUpperCase());
  const named = Object.keys(request.headers ?? {}).some((name) => /^(authorization|x-api-key)$/i.test(name));
  if (!named && !reads) {
    const response = await fetch(`${BASE}/sessions/current`);
    if (response.ok) request.headers["X-CSRF-Token"] = (await response.json()).data.csrf_token;
  }
  return request;
}
