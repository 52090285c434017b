import { type Context, Hono } from "hono";
import { openHubLink } from "../../hub/open-link.ts";
import { newId } from "../../kernel/ids.ts";
import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { authenticateClient } from "../../oauth/clients.ts";
import { findClient, findClientOwner } from "../../registry/clients.ts";
import { listClientTopics } from "../../registry/listened-topics.ts";
import { MqttConnection } from "../../stream/mqtt/connection.ts";
import type { MqttMessage, PublishRefusal } from "../../stream/mqtt/message.ts";
import type {
  AppTopic,
  EventLink,
  LinkListener,
  LinkRefusal,
  LoginRefusal,
  MqttClient,
  MqttPorts,
} from "../../stream/mqtt/ports.ts";
import type { AppEnv } from "../app-env.ts";
import { problem } from "../problem.ts";
import { publishLive } from "../publish/publish-live.ts";
import { isClientAllowed, limitAddress } from "../token-limits.ts";
import { readLastEvents } from "./last-events.ts";
import { refusalOf } from "./mqtt-refusal.ts";

const SUBPROTOCOL = "mqtt";

/** MQTT 3.1.1 and 5.0 over WebSocket: both name the same subprotocol [MQTT-6.0.0-3], and the CONNECT says which it is. */
export const mqttRoutes = new Hono<AppEnv>().get(
  "/mqtt",
  limitAddress((c) => problem(c, { reason: "rate_limited", detail: "Too many connections. Try again later." })),
  acceptMqtt,
);

function acceptMqtt(c: Context<AppEnv>): Response {
  const offered = (c.req.header("Sec-WebSocket-Protocol") ?? "").split(",").map((name) => name.trim());
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket" || !offered.includes(SUBPROTOCOL)) {
    return problem(c, { reason: "bad_request", detail: "Connect with a WebSocket of the subprotocol `mqtt`." });
  }
  const { 0: client, 1: socket } = new WebSocketPair();
  socket.binaryType = "arraybuffer";
  socket.accept();
  serve(c, socket);
  return new Response(null, {
    status: 101,
    webSocket: client,
    headers: { "Sec-WebSocket-Protocol": SUBPROTOCOL },
  });
}

/** Speaks MQTT on a socket for as long as it lives. */
function serve(c: Context<AppEnv>, socket: WebSocket): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connection: MqttConnection = new MqttConnection({
    ...portsOf(c),
    tickAfter: (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => connection.tick(), ms);
    },
    send: (bytes) => socket.send(bytes),
    close: (code, reason) => {
      clearTimeout(timer);
      socket.close(code, reason);
    },
  });
  const closed = (): void => {
    clearTimeout(timer);
    connection.closed();
  };
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") connection.receiveText();
    else connection.receive(new Uint8Array(data as ArrayBuffer));
  });
  socket.addEventListener("close", closed);
  socket.addEventListener("error", closed);
}

function portsOf(c: Context<AppEnv>): Omit<MqttPorts, "tickAfter" | "send" | "close"> {
  return {
    now: () => c.var.clock.now(),
    newId,
    background: (work) => c.executionCtx.waitUntil(work),
    login: (credentials) => login(c, credentials),
    openLink: (named, listener) => openLink(c, named, listener),
    findTopics: (client, apiIds, limit) => findTopics(c, client, { apiIds, limit }),
    lastEvents: (topics) => readLastEvents({ logs: c.var.logs, nowMs: () => c.var.clock.now() }, topics),
    publish: (client, message) => publish(c, client, message),
    failed: (error) => {
      const { requestId } = c.var;
      logLine("error", { requestId, path: c.req.path, error: error instanceof Error ? error.stack : String(error) });
    },
  };
}

/** As the token endpoint lets a client in: its limits, and one answer for unknown and wrong. */
async function login(
  c: Context<AppEnv>,
  { user, password }: { user: string; password: string },
): Promise<Result<MqttClient, LoginRefusal>> {
  if (!(await isClientAllowed(c, user))) return err("connectionRateExceeded");
  const find = (clientId: string) => findClient(c.env.REGISTRY, clientId, c.var.clock.now());
  const known = await authenticateClient(find, { clientId: user, clientSecret: password });
  if (!known.ok) return err(known.error.reason === "client_refused" ? "badUserOrPassword" : "serverUnavailable");
  const owner = await orUnavailable(() => findClientOwner(c.env.REGISTRY, user));
  if (owner === "unavailable") return err("serverUnavailable");
  return owner === null ? err("badUserOrPassword") : ok({ ...owner, clientId: user });
}

async function openLink(
  c: Context<AppEnv>,
  { client, session, aheadMax }: Parameters<MqttPorts["openLink"]>[0],
  { onEvent, onEnd }: LinkListener,
): Promise<Result<EventLink, LinkRefusal>> {
  const opened = await openHubLink(
    c.env.STREAM_HUB,
    { appId: client.ownerId, apiId: null },
    {
      clientId: client.clientId,
      consumer: session,
      aheadMax,
      hintsOnly: false,
      onGap: "skip",
      topics: [],
      start: { after: null, from: "latest" },
    },
    { onEvent, onEnd, onHint: () => {} },
  );
  if (opened.ok) return opened;
  return err(opened.error.reason === "log_unavailable" ? "serverUnavailable" : "quotaExceeded");
}

async function findTopics(
  c: Context<AppEnv>,
  { clientId }: MqttClient,
  wanted: { apiIds: string[] | null; limit: number },
): Promise<AppTopic[] | null> {
  const topics = await orUnavailable(() => listClientTopics(c.env.REGISTRY, clientId, wanted));
  return topics === "unavailable" ? null : topics;
}

async function publish(
  c: Context<AppEnv>,
  { clientId }: MqttClient,
  message: MqttMessage,
): Promise<Result<{ eventId: string }, PublishRefusal>> {
  const published = await publishLive(c, clientId, { ...message, requestId: newId() });
  return published.ok ? published : err(refusalOf(published.error));
}

/** The registry's answer. That it gives none is expected, and said to the client. */
async function orUnavailable<T>(ask: () => Promise<T>): Promise<T | "unavailable"> {
  try {
    return await ask();
  } catch (error) {
    logLine("live_client_not_read", { error: String(error) });
    return "unavailable";
  }
}
