import { z } from "zod";
import { normalizeAddress } from "../../domain/channel-address.ts";
import {
  CHANNEL_CHARS_MAX,
  LISTENED_TOPICS_MAX,
  STREAM_TOKEN_SECONDS_DEFAULT,
  STREAM_TOKEN_SECONDS_MAX,
} from "../../kernel/limits.ts";
import { ok } from "../../kernel/result.ts";
import { authorizationServer } from "../../oauth/authorization-server.ts";
import { mintStreamToken } from "../../oauth/stream-tokens.ts";
import { check } from "../call/call.ts";
import { anApp } from "../call/named-things.ts";
import { jsonBody } from "../call/request-body.ts";
import { Line } from "../fields.ts";
import { refuse } from "../problem.ts";

const StreamTokenRequest = z.strictObject({
  apiId: z.uuid().toLowerCase(),
  /** Addresses of channels that it is limited to; by default all that the app has subscribed to. */
  channels: z
    .array(Line(CHANNEL_CHARS_MAX).transform(normalizeAddress).meta({ type: "string" }))
    .min(1)
    .max(LISTENED_TOPICS_MAX)
    .nullable()
    .default(null),
  ttlSeconds: z.number().int().min(1).max(STREAM_TOKEN_SECONDS_MAX).default(STREAM_TOKEN_SECONDS_DEFAULT),
});

/** A stream stays open when its token expires; to open one anew takes a new one. */
export const createStreamToken = check({
  path: "/v1/apps/{id}/stream-tokens",
  tag: "Live",
  summary: "Make a short-lived token that may stand in the URL of a stream, for a browser",
  action: "app.stream-token",
  names: anApp,
  body: jsonBody(StreamTokenRequest),
  answers: z.object({ token: z.string(), expiresAt: z.iso.datetime() }),
  handle: async ({ env, nowMs, named: app, body }) => {
    const grant = { appId: app.id, apiId: body.apiId, channels: body.channels };
    const minted = await mintStreamToken(authorizationServer(env, { now: () => nowMs }), grant, body.ttlSeconds);
    if (!minted.ok) return refuse("keys_unavailable", "The relay's keys cannot be read now. Try again.");
    const { token, expiresMs } = minted.value;
    return ok({ token, expiresAt: new Date(expiresMs).toISOString() });
  },
});
