// A certified OpenID provider that generates its keys at each start, so that a restart rotates them.
//
// The provider issues access tokens as JWTs, signed with RS256 and ES256, to a machine (client credentials) and to a user (code flow with
// PKCE). The user of the client `app` signs in and consents without a page; the clients `browser-rs256` and `browser-es256` show
// the provider's own pages. Usage: node provider.mjs PORT ORGANIZATION REDIRECT_URI

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, organization, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

function key(alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), alg, use: "sig", kid: randomUUID() };
}

function browserClient(alg) {
  return {
    client_id: `browser-${alg}`,
    token_endpoint_auth_method: "none",
    application_type: "native",
    grant_types: ["authorization_code"],
    redirect_uris: [redirectUri],
    response_types: ["code"],
  };
}

const provider = new Provider(issuer, {
  jwks: {
    keys: [
      key("RS256", "rsa", { modulusLength: 2048 }),
      key("ES256", "ec", { namedCurve: "P-256" }),
      { ...key("RSA-OAEP", "rsa", { modulusLength: 2048 }), use: "enc" },
    ],
  },
  clients: [
    {
      client_id: "script",
      client_secret: "script-secret",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: "app",
      token_endpoint_auth_method: "none",
      application_type: "native",
      grant_types: ["authorization_code"],
      redirect_uris: ["http://127.0.0.1/callback"],
      response_types: ["code"],
    },
    ...["rs256", "es256"].map(browserClient),
  ],
  features: {
    devInteractions: { enabled: true },
    encryption: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // The browser clients send no parameter `resource`, because Signpost does not send one.
      defaultResource: (_, client) => `https://signpost/${client.clientId.replace("browser-", "")}`,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: "links",
        audience: "https://signpost",
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: resource.endsWith("es256") ? "ES256" : "RS256" } },
      }),
    },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  extraTokenClaims: (_, token) => ({
    org_id: organization,
    roles: token.accountId ? ["Admin"] : ["Member"],
  }),
  cookies: { keys: ["not a secret"] },
});

provider.use(async (context, next) => {
  if (!context.path.startsWith("/interaction/")) return next();
  const { prompt, params, session } = await provider.interactionDetails(context.req, context.res);
  if (params.client_id.startsWith("browser-")) return next();
  const result = {};
  if (prompt.name === "login") {
    result.login = { accountId: "user-1" };
  } else {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope("openid");
    grant.addResourceScope(params.resource, "links");
    result.consent = { grantId: await grant.save() };
  }
  await provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: true });
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
