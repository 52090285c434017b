import type { Connection, Delivery, Receiver, Sender } from "rhea";

/** A frame that rhea has read, on its way to the session and the link that it is for. */
export type Frame = { channel: number; performative: Record<string, unknown>; payload?: Buffer };

/** What rhea's connection does with a performative. */
export type Performative = "open" | "begin" | "attach" | "flow" | "transfer" | "disposition" | "detach";

type Handler = (frame: Frame) => void;
type Deliveries = { get_head(): { id: number } | undefined; get_tail(): { id: number } | undefined };

/** A session as rhea keeps it. */
export type SessionInside = {
  local: { begin: Record<string, unknown> };
  remote: { handles: Record<number, Sender | Receiver | undefined> };
  outgoing: { deliveries: Deliveries };
  incoming: { deliveries: Deliveries };
};

type ConnectionInside = {
  accept(socket: unknown): void;
  input(bytes: Buffer): void;
  _register(): void;
  remote_channel_map: Record<number, SessionInside | undefined>;
  sasl_transport?: { outcome?: number };
} & Record<`on_${Performative}`, Handler>;

type LinkInside = {
  state: { open_requests: number };
  local: { attach: Record<string, unknown> };
  credit: number;
  delivery_count: number;
  _incomplete?: unknown;
  _draining?: boolean;
};

// rhea's types leave out what its objects are made of. What the relay needs of it stands here, and nowhere else.

export const insideConnection = (connection: Connection): ConnectionInside => connection as unknown as ConnectionInside;

export const insideLink = (link: Sender | Receiver): LinkInside => link as unknown as LinkInside;

/** Has a frame judged before rhea works on it; false: it is not for rhea. */
export function judgeFrames(connection: Connection, name: Performative, judge: (frame: Frame) => boolean): void {
  const inside = insideConnection(connection);
  const work = inside[`on_${name}`].bind(inside);
  inside[`on_${name}`] = (frame) => {
    if (judge(frame)) work(frame);
  };
}

/** Keeps back the attach that rhea would answer a client's with at once. The answer sends it. */
export function holdAttach(link: Sender | Receiver): () => void {
  const { state } = insideLink(link);
  state.open_requests = 0;
  return () => {
    state.open_requests = 1;
    insideConnection(link.connection)._register();
  };
}

/** Has a link's messages settled when they are sent (AMQP 1.0 §2.8.2). */
export function settleWhenSent(sender: Sender): void {
  insideLink(sender).local.attach.snd_settle_mode = 1;
}

export const creditOf = (sender: Sender): number => insideLink(sender).credit;

/** Whether the client wants the credit back that there is nothing for (§2.6.7). */
export const isDraining = (sender: Sender): boolean =>
  insideLink(sender)._draining === true && insideLink(sender).credit > 0;

/** How many messages a link may send in all, by the credit that it has now (AMQP 1.0 §2.6.7: delivery-limit). */
export const deliveryLimit = (sender: Sender): number => insideLink(sender).credit + insideLink(sender).delivery_count;

/** How many messages have left a link, or count as if they had. */
export const deliveryCount = (sender: Sender): number => insideLink(sender).delivery_count;

/** Gives all of a link's credit back (§2.6.7: drain). */
export function drainCredit(sender: Sender): void {
  const inside = insideLink(sender);
  // rhea would count it down one by one, and a client may grant four billion.
  inside.delivery_count += Math.max(0, inside.credit - 1);
  inside.credit = Math.min(inside.credit, 1);
  sender.set_drained(true);
  insideConnection(sender.connection)._register();
}

/** Lets go of a delivery's bytes: rhea keeps it for as long as an earlier one is not settled. */
export function forgetBytes(delivery: Delivery): void {
  (delivery as unknown as { data: Buffer[] }).data = [];
}
