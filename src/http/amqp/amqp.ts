import { type Context, Hono } from "hono";
import { AMQP_CALLS_MAX, AMQP_CONNECTIONS_MAX, AMQP_CONNECTIONS_PER_CLIENT_MAX } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { err } from "../../kernel/result.ts";
import { authenticateClient } from "../../oauth/clients.ts";
import { type ClientKind, findClient } from "../../registry/clients.ts";
import { listPulledChannels } from "../../registry/pulled-channels.ts";
import type { AmqpConnection, AmqpPorts, SaslAnswer } from "../../stream/amqp/connection.ts";
import { amqpError } from "../../stream/amqp/errors.ts";
import type { OpenSource, SourceRequest } from "../../stream/amqp/ports.ts";
import type { AppEnv } from "../app-env.ts";
import { problem } from "../problem.ts";
import { isClientAllowed, limitAddress } from "../token-limits.ts";
import { FEED_CALLS, openFeed } from "./amqp-feed.ts";
import { hubHints } from "./amqp-hints.ts";
import { openEventSource, type SourceDeps } from "./amqp-source.ts";
import { openPublishTarget } from "./amqp-target.ts";
import { askRegistry } from "./ask-registry.ts";
import { type ConnectionSlot, ConnectionSlots } from "./connection-slots.ts";

const SUBPROTOCOL = "amqp"; // AMQP WebSocket Binding 1.0 §2.1

// One isolate, one memory.
const slots = new ConnectionSlots(AMQP_CONNECTIONS_MAX, AMQP_CONNECTIONS_PER_CLIENT_MAX);

const refuseTooMany = (c: Context<AppEnv>): Response =>
  problem(c, { reason: "rate_limited", detail: "Too many connections from this address. Come again later." });

/** `GET /amqp`: AMQP 1.0 over a WebSocket, which ends in this Worker. */
export const amqpRoutes = new Hono<AppEnv>().get("/amqp", limitAddress(refuseTooMany), connect);

async function connect(c: Context<AppEnv>): Promise<Response> {
  const offered = (c.req.header("Sec-WebSocket-Protocol") ?? "").split(",").map((name) => name.trim());
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket" || !offered.includes(SUBPROTOCOL)) {
    return problem(c, { reason: "bad_request", detail: "Connect with a WebSocket of the subprotocol amqp." });
  }
  if (slots.isFull) {
    return problem(c, { reason: "log_unavailable", detail: "There are too many connections here. Connect again." });
  }
  const slot = slots.enter();
  // Evaluated when the first connection comes: nobody else pays for it.
  const { AmqpConnection } = await import("../../stream/amqp/connection.ts");
  const { 0: client, 1: socket } = new WebSocketPair();
  serve(c, socket, slot, (ports) => new AmqpConnection(ports));
  const headers = { "Sec-WebSocket-Protocol": SUBPROTOCOL, "X-Request-Id": c.var.requestId };
  return new Response(null, { status: 101, webSocket: client, headers });
}

function serve(
  c: Context<AppEnv>,
  socket: WebSocket,
  slot: ConnectionSlot,
  start: (ports: AmqpPorts) => AmqpConnection,
): void {
  let calls = 0;
  let caller: { clientId: string; kind: ClientKind } | null = null;
  const count = (more: number): void => {
    calls += more;
    if (calls >= AMQP_CALLS_MAX) connection.close(LASTED_LONG_ENOUGH);
  };
  socket.binaryType = "arraybuffer";
  socket.accept();
  const connection = start({
    send: (bytes) => ifOpen(socket, () => socket.send(bytes)),
    hangUp: () => {
      slot.leave();
      ifOpen(socket, () => socket.close());
    },
    later: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    authenticate: async (user, password) => {
      const answer = await authenticate(c, { clientId: user, clientSecret: password }, slot);
      if (typeof answer === "string") return answer;
      caller = answer;
      return "accepted";
    },
    openSource: async (request) =>
      caller?.kind === "app" ? openSource(c, { clientId: caller.clientId, count }, request) : NOT_AN_APP,
    openTarget: async (address) =>
      caller?.kind === "publisher"
        ? openPublishTarget(c, { clientId: caller.clientId, count }, address)
        : NOT_A_PUBLISHER,
  });
  const lose = () => c.executionCtx.waitUntil(connection.lost());
  socket.addEventListener("message", ({ data }) => {
    // The binding knows binary messages only (§2.2).
    if (typeof data === "string") lose();
    else connection.receive(new Uint8Array(data as ArrayBuffer));
  });
  socket.addEventListener("close", lose);
  socket.addEventListener("error", lose);
}

/** A link shares its subscription's events with other consumers; one that says where it begins reads them all itself. */
function openSource(
  c: Context<AppEnv>,
  { clientId, count }: { clientId: string; count: SourceDeps["count"] },
  { from, ...request }: SourceRequest,
): ReturnType<OpenSource> {
  if (from === null) return openEventSource(sourceDeps(c, clientId, count), request);
  count(FEED_CALLS);
  return openFeed({ db: c.env.REGISTRY, hubs: c.env.STREAM_HUB, clientId }, { ...request, from });
}

const sourceDeps = (c: Context<AppEnv>, clientId: string, count: SourceDeps["count"]): SourceDeps => ({
  listChannels: async (apiId, address) => {
    const found = await askRegistry(() => listPulledChannels(c.env.REGISTRY, { clientId, apiId, address }));
    return found.ok ? found.value : null;
  },
  openHints: hubHints(c.env.STREAM_HUB, clientId),
  logs: c.var.logs,
  clock: c.var.clock,
  count,
});

/** By the same rules as at the token endpoint. */
async function authenticate(
  c: Context<AppEnv>,
  credentials: { clientId: string; clientSecret: string },
  slot: ConnectionSlot,
): Promise<{ clientId: string; kind: ClientKind } | Exclude<SaslAnswer, "accepted">> {
  if (!(await isClientAllowed(c, credentials.clientId))) return "unavailable";
  const find = (clientId: string) => findClient(c.env.REGISTRY, clientId, c.var.clock.now());
  const client = await authenticateClient(find, credentials);
  if (!client.ok) return client.error.reason === "client_refused" ? "refused" : "unavailable";
  return slot.claim(client.value.clientId) ? client.value : "unavailable";
}

/** A socket whose other end has gone takes nothing, and says so by throwing. */
function ifOpen(socket: WebSocket, use: () => void): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  try {
    use();
  } catch (error) {
    logLine("socket_failed", { error: String(error) });
  }
}

const LASTED_LONG_ENOUGH = amqpError(
  "amqp:connection:forced",
  "This connection has lasted long enough. Connect again.",
);
const NOT_AN_APP = err(amqpError("amqp:unauthorized-access", "Only an app's credentials may receive."));
const NOT_A_PUBLISHER = err(amqpError("amqp:unauthorized-access", "Only a publisher's credentials may send."));
