import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import type { HubConnect, ListenStart } from "../../hub/connect.ts";
import { openHub } from "../../hub/open-hub.ts";
import { isUuid } from "../../kernel/ids.ts";
import { CONSUMER_NAME_CHARS_MAX, CURSOR_CHARS_MAX } from "../../kernel/limits.ts";
import type { AppEnv } from "../app-env.ts";
import { checkShape } from "../body.ts";
import { readQuery } from "../call/call.ts";
import { type Problem, problem, refuse } from "../problem.ts";
import { ChannelList } from "./channel-list.ts";
import { answerEventStream, type Listening, onGapOf } from "./event-source.ts";
import { describeHubRefusal } from "./hub-problem.ts";
import { acceptPublisher } from "./publisher-socket.ts";
import { identifyStreamCaller, type StreamCaller } from "./stream-caller.ts";
import { findListenedTopics } from "./stream-topics.ts";

const PATH = "/v1/stream/:apiId";

/** Pages of any origin may listen: a stream says nothing to who has no token, and no cookie is ever asked for. */
export const anyOrigin = createMiddleware<AppEnv>((c, next) => (isUpgrade(c) ? next() : allowAny(c, next)));

const allowAny = cors({
  origin: "*",
  allowMethods: ["GET"],
  allowHeaders: ["Authorization", "Last-Event-ID", "Cache-Control", "X-Request-Id"],
  exposeHeaders: ["X-Request-Id"],
  maxAge: 86_400,
});

/** `GET /v1/stream/{apiId}/{channel…}`: server-sent events, or with an upgrade a WebSocket. */
export const streamRoutes = new Hono<AppEnv>()
  .use(`${PATH}/*`, anyOrigin)
  .use(PATH, anyOrigin)
  .get(PATH, openStream)
  .get(`${PATH}/*`, openStream);

export const StreamQuery = z.object({
  channel: ChannelList,
  after: z.string().min(1).max(CURSOR_CHARS_MAX).optional(),
  from: z.enum(["latest", "earliest"]).default("latest"),
  subscriptionId: z.uuid().optional(),
  ack: z.enum(["0", "1"]).default("0"),
  consumer: z
    .string()
    .regex(/^[\w.:-]+$/)
    .max(CONSUMER_NAME_CHARS_MAX)
    .optional(),
});
type Query = z.infer<typeof StreamQuery>;

const isUpgrade = (c: Context<AppEnv>): boolean => c.req.header("Upgrade")?.toLowerCase() === "websocket";

async function openStream(c: Context<AppEnv>): Promise<Response> {
  const apiId = (c.req.param("apiId") ?? "").toLowerCase();
  const caller = await identifyStreamCaller(c, apiId);
  if (!caller.ok) return problem(c, caller.error);
  const path = readPath(c);
  if (caller.value.kind === "publisher") {
    if (!isUpgrade(c))
      return problem(c, refuse("not_an_app", "Publishers send events: over a WebSocket, or POST.").error);
    return acceptPublisher(c, { ...caller.value, apiId, channel: path });
  }
  const query = checkShape(StreamQuery, readQuery(c));
  if (!query.ok) return problem(c, query.error);
  const listening = await findListening(c, caller.value, { apiId, path, query: query.value });
  if (!listening.ok) return answerRefusal(c, listening.error);
  return isUpgrade(c) ? answerSocket(c, listening.value, query.value) : answerEventStream(c, listening.value);
}

async function findListening(
  c: Context<AppEnv>,
  caller: StreamCaller,
  { apiId, path, query }: { apiId: string; path: string | null; query: Query },
) {
  if (!isUuid(apiId)) return refuse("subscription_required", "The app has no active subscription of this API.");
  const { channel, subscriptionId = null } = query;
  const channels = path === null ? channel : [path, ...channel];
  const topics = await findListenedTopics(c.env.REGISTRY, caller, { apiId, channels, subscriptionId });
  if (!topics.ok) return topics;
  const { appId, clientId } = caller;
  return {
    ok: true as const,
    value: { scope: { appId, apiId }, clientId, topics: topics.value, start: startOf(c, query) },
  };
}

/** An EventSource that reconnects asks for the URL that it was given: its last id is newer than what stands there. */
const startOf = (c: Context<AppEnv>, { after, from }: Query): ListenStart => ({
  after: c.req.header("Last-Event-ID") || after || null,
  from,
});

/** The channel in the path; null: none is named. */
function readPath(c: Context<AppEnv>): string | null {
  const [, , , , ...segments] = c.req.path.split("/");
  const path = segments.join("/");
  if (path === "") return null;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** WHATWG HTML §9.2.3: 204 tells an EventSource that comes again to come no more. */
function answerRefusal(c: Context<AppEnv>, refusal: Problem): Response {
  const isReturning = !isUpgrade(c) && c.req.header("Last-Event-ID") !== undefined;
  return isReturning && IS_OVER.has(refusal.reason) ? c.body(null, 204) : problem(c, refusal);
}

const IS_OVER = new Set<Problem["reason"]>(["subscription_required", "channel_unknown", "channel_forbidden"]);

/** The client's socket goes to the hub: there it hibernates. */
async function answerSocket(c: Context<AppEnv>, listening: Listening, { ack, consumer }: Query): Promise<Response> {
  const { scope, clientId, topics, start } = listening;
  const name = ack === "1" ? `${scope.appId}/${scope.apiId}/${consumer ?? "default"}` : null;
  const connect: HubConnect = {
    ...{ form: "client", clientId, consumer: name, acknowledges: ack === "1", hintsOnly: false },
    onGap: name === null ? onGapOf(start) : "refuse",
    ...{ topics, start },
  };
  const connected = await openHub(c.env.STREAM_HUB, scope, connect);
  if (!connected.ok) return problem(c, describeHubRefusal(connected.error));
  const { socket, cursor } = connected.value;
  const headers = { "X-Request-Id": c.var.requestId, "Event-Cursor": cursor };
  return new Response(null, { status: 101, webSocket: socket, headers });
}
