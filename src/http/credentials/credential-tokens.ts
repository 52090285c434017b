import { z } from "zod";
import { ACCESS_TOKEN_SECONDS, PUBLISHER_TOKEN_SECONDS_DEFAULT } from "../../kernel/limits.ts";
import { ok } from "../../kernel/result.ts";
import { authorizationServer } from "../../oauth/authorization-server.ts";
import { DEFAULT_SCOPES, mintAccessToken } from "../../oauth/tokens.ts";
import { write } from "../call/call.ts";
import { anApiCredential } from "../call/named-things.ts";
import { optionalBody } from "../call/request-body.ts";
import { toTime } from "../fields.ts";
import { refuse } from "../problem.ts";

const PublisherTokenRequest = z.strictObject({
  ttlSeconds: z.number().int().min(1).max(ACCESS_TOKEN_SECONDS).default(PUBLISHER_TOKEN_SECONDS_DEFAULT),
});

/** What the token endpoint gives for the secret, given to a person who could replace that secret anyway. */
export const createPublisherToken = write({
  method: "post",
  path: "/v1/apis/{id}/credentials/{clientId}/tokens",
  tag: "APIs",
  summary: "Make a short-lived access token of a publisher's credentials, to publish a test event with",
  action: "credentials.token",
  names: anApiCredential,
  status: 201,
  body: optionalBody(PublisherTokenRequest),
  answers: z.object({ token: z.string(), expiresAt: z.iso.datetime() }),
  handle: async ({ env, nowMs, named: api, params: { clientId }, body: { ttlSeconds } }) => {
    const minted = await mintAccessToken(authorizationServer(env, { now: () => nowMs }), {
      ...{ clientId, kind: "publisher", scopes: DEFAULT_SCOPES, lifetimeSeconds: ttlSeconds },
    });
    if (!minted.ok) return refuse("keys_unavailable", "The relay's keys cannot be read now. Try again.");
    const { token, expiresMs } = minted.value;
    return ok({
      body: { token, expiresAt: toTime(expiresMs) },
      writes: [],
      audit: { action: "credentials.token", subject: clientId, organizations: [api.organizationId] },
      answerGoodUntilMs: expiresMs,
    });
  },
});
