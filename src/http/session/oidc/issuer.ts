import * as oauth from "oauth4webapi";
import { foldEmail } from "../../../domain/email.ts";
import { OIDC_ANSWER_BYTES_MAX, OIDC_CALL_MS_MAX, PERSON_NAME_CHARS_MAX } from "../../../kernel/limits.ts";
import { err, ok, type Result } from "../../../kernel/result.ts";
import type { Identity } from "../../../registry/members.ts";
import { readBytes } from "../../body.ts";
import type { Flow } from "./flow-cookie.ts";
import type { OidcSettings } from "./settings.ts";

/** `denied`: the person, or the issuer for them, said no. `failed`: with what somebody has to look at. */
export type IssuerRefusal = { reason: "denied" } | { reason: "failed"; error: string };

/** What the issuer says of somebody who has signed in there. */
export type Claims = Identity & { email: string | null };

const SCOPE = "openid email profile";

/** Where the browser goes to sign in, for a new flow. */
export async function authorizationUrl(
  settings: OidcSettings,
  { state, nonce, verifier }: Pick<Flow, "state" | "nonce" | "verifier">,
): Promise<Result<string, IssuerRefusal>> {
  return asking(async () => {
    const { authorization_endpoint: endpoint = "" } = await discover(settings);
    const url = new URL(endpoint);
    oauth.checkProtocol(url, !settings.allowHttp);
    const asked = {
      response_type: "code",
      client_id: settings.clientId,
      redirect_uri: settings.redirectUri,
      scope: SCOPE,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    return url.href;
  });
}

/** Trades what the browser came back with for who it is. All of what OpenID Connect asks to be checked is. */
export async function redeem(
  settings: OidcSettings,
  flow: Flow,
  callback: URL,
): Promise<Result<Claims, IssuerRefusal>> {
  return asking(async () => {
    const client = { client_id: settings.clientId };
    const options = callOptions(settings);
    const server = await discover(settings);
    const parameters = oauth.validateAuthResponse(server, client, callback, flow.state);
    const response = await oauth.authorizationCodeGrantRequest(
      ...([server, client, clientAuth(settings, server), parameters] as const),
      ...([settings.redirectUri, flow.verifier, options] as const),
    );
    const expected = { expectedNonce: flow.nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, expected);
    await oauth.validateApplicationLevelSignature(server, response, options);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (!claims) throw new Error("there is no ID token");
    if (claims.email !== undefined || server.userinfo_endpoint === undefined) return readClaims(settings, claims);
    const asked = await oauth.userInfoRequest(server, client, tokens.access_token, options);
    const told = await oauth.processUserInfoResponse(server, client, claims.sub, asked);
    return readClaims(settings, { ...claims, ...told });
  });
}

async function discover(settings: OidcSettings): Promise<oauth.AuthorizationServer> {
  const response = await oauth.discoveryRequest(settings.issuer, callOptions(settings));
  return oauth.processDiscoveryResponse(settings.issuer, response);
}

/** As the issuer prefers it, of the two ways to send a secret. */
function clientAuth({ clientSecret }: OidcSettings, server: oauth.AuthorizationServer): oauth.ClientAuth {
  if (clientSecret === null) return oauth.None();
  const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const takesBasic = methods.includes("client_secret_basic") || !methods.includes("client_secret_post");
  return takesBasic ? oauth.ClientSecretBasic(clientSecret) : oauth.ClientSecretPost(clientSecret);
}

/** An e-mail that the issuer has not made sure of may be anybody's. */
function readClaims({ issuer, trustsEmails }: OidcSettings, claims: oauth.IDToken | oauth.UserInfoResponse): Claims {
  const email = typeof claims.email === "string" ? foldEmail(claims.email) : null;
  const name = typeof claims.name === "string" ? claims.name.slice(0, PERSON_NAME_CHARS_MAX) : null;
  const isVerified = claims.email_verified ?? trustsEmails;
  const verifiedEmail = isVerified === true ? email : null;
  return { issuer: issuer.href, subject: claims.sub, email, verifiedEmail, name };
}

const callOptions = ({ allowHttp }: OidcSettings) => ({
  [oauth.customFetch]: boundedFetch,
  [oauth.allowInsecureRequests]: allowHttp,
  signal: () => AbortSignal.timeout(OIDC_CALL_MS_MAX),
});

/** An issuer's documents are small, whoever answers in its place. */
async function boundedFetch(
  url: string,
  { body, ...init }: oauth.CustomFetchOptions<string, BodyInit | undefined>,
): Promise<Response> {
  const response = await fetch(url, { ...init, body: body ?? null });
  const bytes = await readBytes(new Response(response.body), OIDC_ANSWER_BYTES_MAX);
  if (!bytes.ok) throw new Error(`${url} answers more than ${OIDC_ANSWER_BYTES_MAX} bytes`);
  const { status, headers } = response;
  return new Response(bytes.value.byteLength > 0 ? bytes.value : null, { status, headers });
}

/** The library throws for everything that an issuer does wrong. */
async function asking<T>(work: () => Promise<T>): Promise<Result<T, IssuerRefusal>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError && error.error === "access_denied") {
      return err({ reason: "denied" });
    }
    const said = error instanceof oauth.ResponseBodyError ? `: ${error.error}` : "";
    return err({ reason: "failed", error: `${error}${said}` });
  }
}
