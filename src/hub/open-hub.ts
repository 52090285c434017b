import { hashText } from "../kernel/hash.ts";
import { HUB_SPREAD_LEVELS_MAX, NAMED_HUBS } from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { HubConnect } from "./connect.ts";
import { CONNECT_HEADER, type HubRefusal } from "./connect.ts";
import type { StreamHub } from "./stream-hub.ts";

/** Whose connection it is: an app's, to an API. */
export type HubScope = { appId: string; apiId: string | null };

export type Connected = { socket: WebSocket; cursor: string };

type Hubs = DurableObjectNamespace<StreamHub>;

/** How far the listeners of an API are spread, as this isolate has found out: over two to the power of that many hubs. */
const levels = new Map<string, number>();
const LEVELS_KEPT_MAX = 1_000;

/**
 * Connects to a hub. A named consumer's is always the same; others fill a first one, then spread over twice as many. The socket is the
 * caller's to accept, or to hand on to its client.
 */
export async function openHub(
  hubs: Hubs,
  scope: HubScope,
  connect: HubConnect,
): Promise<Result<Connected, HubRefusal>> {
  const { consumer } = connect;
  if (consumer !== null) return knock(hubs, `app/${scope.appId}/${hashText(consumer) % NAMED_HUBS}`, connect);
  const name = scope.apiId === null ? `app/${scope.appId}/any` : `api/${scope.apiId}`;
  for (let level = levels.get(name) ?? 0; ; level++) {
    const connected = await knock(hubs, `${name}/${pickHub(level)}`, connect);
    const isFull = !connected.ok && connected.error.reason === "hub_full";
    if (!isFull || level === HUB_SPREAD_LEVELS_MAX) return connected;
    if (levels.size === LEVELS_KEPT_MAX) levels.clear();
    levels.set(name, level + 1);
  }
}

/** One of those that the level adds: the ones before are full. */
const pickHub = (level: number): number =>
  level === 0 ? 0 : 2 ** (level - 1) + Math.floor(Math.random() * 2 ** (level - 1));

async function knock(hubs: Hubs, hub: string, connect: HubConnect): Promise<Result<Connected, HubRefusal>> {
  try {
    const headers = { Upgrade: "websocket", [CONNECT_HEADER]: encodeURIComponent(JSON.stringify(connect)) };
    const answer = await hubs.getByName(hub).fetch("https://hub", { headers });
    if (!answer.webSocket) return err(await answer.json<HubRefusal>());
    return ok({ socket: answer.webSocket, cursor: answer.headers.get("Event-Cursor") ?? "" });
  } catch (error) {
    logLine("hub_not_reached", { hub, error: String(error) });
    return err({ reason: "log_unavailable" });
  }
}
