import { err, ok, type Result } from "../kernel/result.ts";
import type { HubConnect, HubLink, KeptConsumer, LinkEvents } from "./link.ts";
import { type LinkCommand, readLinkFrame } from "./link-frames.ts";
import { type HubScope, openHub } from "./open-hub.ts";
import type { HubRefusal, StreamHub } from "./stream-hub.ts";

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
  const end = (code: number, reason: string): void => {
    if (isOver) return;
    isOver = true;
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
    listen: (topics, start) => say({ listen: topics, start }),
    leave: (topicIds) => say({ leave: topicIds }),
    ack: (upTo) => say({ ack: upTo }),
    keep: (state, expirySeconds) => say({ keep: state, expirySeconds }),
    forget: () => say({ forget: true }),
    close: () => {
      isOver = true;
      socket.close(1000, "the client has gone");
    },
  });
}
