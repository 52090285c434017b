import { err, ok, type Result } from "../kernel/result.ts";
import type { HubConnect, HubRefusal } from "./connect.ts";
import type { HubLink, KeptConsumer, LinkEvents } from "./link.ts";
import { type LinkCommand, readLinkFrame } from "./link-frames.ts";
import { type HubScope, openHub } from "./open-hub.ts";
import type { StreamHub } from "./stream-hub.ts";

type Link = Omit<HubConnect, "form" | "acknowledges">;

/** Connects an adapter in the Worker to a hub. Nothing is said to it before this has been answered. */
export async function openHubLink(
  hubs: DurableObjectNamespace<StreamHub>,
  scope: HubScope,
  connect: Link,
  events: LinkEvents,
): Promise<Result<HubLink, HubRefusal>> {
  const connected = await openHub(hubs, scope, { ...connect, form: "link", acknowledges: true });
  if (!connected.ok) return connected;
  const { socket, cursor } = connected.value;
  const { promise: welcomed, resolve: welcome } = Promise.withResolvers<KeptConsumer | "ended" | null>();
  let isWelcome = false;
  let isOver = false;
  /** Of calls of `listen`, which the hub answers in their order. */
  const listening: (() => void)[] = [];
  const end = (code: number, reason: string): void => {
    if (isOver) return;
    isOver = true;
    for (const resolve of listening.splice(0)) resolve();
    if (isWelcome) events.onEnd({ code, reason });
    else welcome("ended");
  };
  socket.addEventListener("message", ({ data }) => {
    if (isOver) return;
    if (!isWelcome) {
      isWelcome = true;
      return welcome((JSON.parse(data as string) as { kept: KeptConsumer | null }).kept);
    }
    const frame = readLinkFrame(data as string);
    if ("hint" in frame) events.onHint(frame.hint);
    else if ("listens" in frame) listening.shift()?.();
    else events.onEvent(frame.event);
  });
  socket.addEventListener("close", ({ code, reason }) => end(code, reason));
  socket.addEventListener("error", () => end(1006, "the hub is gone"));
  socket.accept();
  const kept = await welcomed;
  if (kept === "ended") return err({ reason: "log_unavailable" });
  const say = (command: LinkCommand): void => {
    if (!isOver) socket.send(JSON.stringify(command));
  };
  return ok({
    kept,
    cursor,
    listen: (topics, start) => {
      if (isOver) return Promise.resolve();
      say({ listen: topics, start });
      return new Promise((resolve) => void listening.push(resolve));
    },
    leave: (topicIds) => say({ leave: topicIds }),
    ack: (upTo) => say({ ack: upTo }),
    keep: (state, expirySeconds) => say({ keep: state, expirySeconds }),
    forget: () => say({ forget: true }),
    close: () => {
      isOver = true;
      for (const resolve of listening.splice(0)) resolve();
      socket.close(1000, "the client has gone");
    },
  });
}
