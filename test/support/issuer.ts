import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

/** What an issuer says of a person. */
export type PersonClaims = { email?: string; email_verified?: boolean; name?: string };

/** An issuer of OpenID Connect on loopback, where whoever `person` names is signed in already. */
export type TestIssuer = {
  origin: string;
  /** By their subjects. */
  people: Map<string, PersonClaims>;
  /** Who sits in front of the browser; null: somebody who says no. */
  person: string | null;
  /** What it answers instead, by path. */
  instead: Map<string, string>;
  /** Takes the relay as its client; with a secret, or as a public one. */
  register(relayOrigin: string, secret: string | null): void;
  close(): Promise<void>;
};

export const CLIENT_ID = "event-relay";
const SCOPE = "openid email profile";
const INTERACTION = "/interaction/";

/** `host`: to browsers, `localhost` is another site than `127.0.0.1`. */
export async function startIssuer(host: "127.0.0.1" | "localhost" = "127.0.0.1"): Promise<TestIssuer> {
  let provider: Provider | null = null;
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  const issuer: TestIssuer = {
    origin,
    people: new Map(),
    person: null,
    instead: new Map(),
    register: (relayOrigin, secret) => {
      provider = makeProvider(issuer, relayOrigin, secret);
    },
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", origin);
    const instead = issuer.instead.get(pathname);
    if (instead !== undefined) response.setHeader("Content-Type", "application/json").end(instead);
    else if (!provider) response.writeHead(503).end();
    else if (pathname.startsWith(INTERACTION)) await decide(provider, request, response);
    else provider.callback()(request, response);
  }

  async function decide(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const said = issuer.person === null ? { error: "access_denied" } : { login: { accountId: issuer.person } };
    await provider.interactionFinished(request, response, said);
  }

  return issuer;
}

function makeProvider(issuer: TestIssuer, relayOrigin: string, secret: string | null): Provider {
  const client = {
    client_id: CLIENT_ID,
    redirect_uris: [`${relayOrigin}/session/oidc/callback`],
    ...(secret === null ? { token_endpoint_auth_method: "none" as const } : { client_secret: secret }),
  };
  return new Provider(issuer.origin, {
    clients: [client],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: ["of a test"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `${INTERACTION}${uid}` },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...issuer.people.get(sub) }) }),
    // Nobody is asked what the relay may know.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: CLIENT_ID, accountId: oidc.session?.accountId ?? "" });
      grant.addOIDCScope(SCOPE);
      await grant.save();
      return grant;
    },
  });
}
