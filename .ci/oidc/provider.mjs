// A certified OpenID provider with keys made anew at each start: a restart is a rotation.
//
// It gives access tokens as JWTs, by RS256 and by ES256, to a machine (client credentials) and to a user, who is signed in
// and consents without being asked (code flow with PKCE). Usage: node provider.mjs PORT ORGANIZATION

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, organization] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

function key(alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), alg, use: "sig", kid: randomUUID() };
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
  ],
  features: {
    devInteractions: { enabled: false },
    encryption: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: "links",
        audience: "https://signpost",
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: resource.endsWith("es256") ? "ES256" : "RS256" } },
      }),
    },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
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
