import { z } from "zod";
import { fromBase64 } from "../kernel/encoding.ts";
import { err, ok, type Result } from "../kernel/result.ts";

/** A token request that is well formed; nothing in it has been believed yet. */
export type TokenRequest = { clientId: string; clientSecret: string; scope: string | null };

export type TokenRequestRefusal =
  | { reason: "request_malformed"; detail: string }
  | { reason: "grant_type_unsupported" }
  | { reason: "client_not_named"; detail: string };

export const TOKEN_REQUEST_BYTES_MAX = 8 * 1024; // an id, a secret and a scope fit twenty times

const AUTHORIZATION_CHARS_MAX = 2048;
const CLIENT_ID = /^[\x21-\x7e]{1,100}$/; // RFC 6749 §A.1, without the space; the relay's own ids are UUIDs

/** RFC 6749 §3.2: a parameter without a value counts as left out. JSON's `null` is the same thing said in JSON. */
const Parameter = z
  .string()
  .nullish()
  .transform((value) => value || null);

const Parameters = z.object({
  grant_type: Parameter,
  scope: Parameter,
  client_id: Parameter,
  client_secret: Parameter,
  client_assertion: Parameter,
  client_assertion_type: Parameter,
});
type Parameters = z.infer<typeof Parameters>;

type Malformed = { reason: "request_malformed"; detail: string };
const malformed = (detail: string): { ok: false; error: Malformed } => err({ reason: "request_malformed", detail });
const notNamed = (detail: string) => err({ reason: "client_not_named" as const, detail });

/** Reads a request of RFC 6749 §4.4.2, form-encoded or in JSON, with the client named in the header or in the body (§2.3.1). */
export function readTokenRequest(request: {
  contentType: string | null;
  authorization: string | null;
  body: Uint8Array;
}): Result<TokenRequest, TokenRequestRefusal> {
  const text = decodeUtf8(request.body);
  if (text === null) return malformed("The body is not UTF-8.");
  const parameters = readParameters(request.contentType, text);
  if (!parameters.ok) return parameters;
  const { grant_type: grantType, scope } = parameters.value;
  if (!grantType) return malformed("grant_type is missing.");
  if (grantType !== "client_credentials") return err({ reason: "grant_type_unsupported" });
  const credentials = readCredentials(request.authorization, parameters.value);
  return credentials.ok ? ok({ ...credentials.value, scope }) : credentials;
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

function readParameters(contentType: string | null, text: string): Result<Parameters, Malformed> {
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  switch (mediaType) {
    case "application/x-www-form-urlencoded":
      return readForm(text);
    case "application/json":
      return readJson(text);
    default:
      return malformed("The body must be application/x-www-form-urlencoded or application/json.");
  }
}

function readForm(text: string): Result<Parameters, Malformed> {
  const pairs = [...new URLSearchParams(text)];
  const names = new Set(pairs.map(([name]) => name));
  if (names.size < pairs.length) return malformed("A parameter is repeated.");
  return ok(Parameters.parse(Object.fromEntries(pairs)));
}

function readJson(text: string): Result<Parameters, Malformed> {
  try {
    const parameters = Parameters.safeParse(JSON.parse(text));
    return parameters.success ? ok(parameters.data) : malformed("The body must be a JSON object of strings.");
  } catch {
    return malformed("The body is not JSON.");
  }
}

type Credentials = { clientId: string; clientSecret: string };

function readCredentials(
  authorization: string | null,
  parameters: Parameters,
): Result<Credentials, TokenRequestRefusal> {
  const methods = [authorization, parameters.client_secret, parameters.client_assertion].filter((given) => given);
  if (methods.length > 1) return malformed("The client may authenticate in one way only.");
  const credentials = authorization ? readBasic(authorization) : readPosted(parameters);
  if (!credentials.ok) return credentials;
  const { clientId } = credentials.value;
  if (parameters.client_id && parameters.client_id !== clientId) return malformed("Two different clients are named.");
  return CLIENT_ID.test(clientId) ? credentials : notNamed("The client id is not one of this server.");
}

function readPosted({ client_id: clientId, client_secret: clientSecret }: Parameters) {
  return clientId && clientSecret
    ? ok({ clientId, clientSecret })
    : notNamed("Client credentials are missing: HTTP Basic, or client_id and client_secret in the body.");
}

/** RFC 7617, with both halves form-encoded inside as RFC 6749 §2.3.1 has it. */
function readBasic(authorization: string): Result<Credentials, TokenRequestRefusal> {
  const unreadable = notNamed("The Authorization header holds no readable Basic credentials.");
  if (authorization.length > AUTHORIZATION_CHARS_MAX) return unreadable;
  const encoded = /^basic +(\S+) *$/i.exec(authorization)?.[1];
  const pair = encoded === undefined ? null : decodeBase64(encoded);
  const colon = pair?.indexOf(":") ?? -1;
  if (!pair || colon < 0) return unreadable;
  const clientId = decodeForm(pair.slice(0, colon));
  const clientSecret = decodeForm(pair.slice(colon + 1));
  return clientId && clientSecret ? ok({ clientId, clientSecret }) : unreadable;
}

function decodeBase64(encoded: string): string | null {
  try {
    return decodeUtf8(fromBase64(encoded));
  } catch {
    // Not base64.
    return null;
  }
}

function decodeForm(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // A percent sign that introduces nothing, or bytes that are no UTF-8.
    return null;
  }
}
