import rhea, { type Connection } from "rhea";
import { AMQP_LINKS_MAX, AMQP_PEER_IDLE_MS_MAX, AMQP_PEER_IDLE_MS_MIN } from "../../kernel/limits.ts";
import { type AmqpError, amqpError } from "./errors.ts";
import { type Frame, insideConnection, insideLink, judgeFrames, type SessionInside } from "./rhea-inside.ts";

/** What has to be known of the links of a connection to judge its frames. */
export type GuardedLinks = {
  readonly count: number;
  /** Counts the bytes of a message that comes; false: nobody wants them, as they are too many or their link has ended. */
  mayTake(link: object, bytes: number): boolean;
};

/**
 * Refuses what rhea would take from anybody: sessions and links without end, dispositions of four billion deliveries, messages
 * beyond the credit, timers that run all the time. Each is a client that breaks the protocol, or the bounds that it was told.
 */
export function guardFrames(connection: Connection, links: GuardedLinks, refuse: (error: AmqpError) => void): void {
  const { remote_channel_map: sessions } = insideConnection(connection);
  const judge = (name: Parameters<typeof judgeFrames>[1], findFault: (frame: Frame) => AmqpError | null) =>
    judgeFrames(connection, name, (frame) => {
      const fault = findFault(frame);
      if (fault) refuse(fault);
      return fault === null;
    });

  judge("open", ({ performative }) => judgeIdleTimeOut(performative));
  judge("begin", ({ channel, performative: { remote_channel: answered } }) =>
    sessions[channel] || isThere(answered) ? NOT_BEGUN : null,
  );
  judge("attach", ({ channel, performative: { handle } }) => {
    const isBeyond = Number(handle) >= AMQP_LINKS_MAX || links.count >= AMQP_LINKS_MAX;
    if (isBeyond) return TOO_MANY_LINKS;
    // rhea keeps the handles of links that have ended.
    return sessions[channel]?.remote.handles[Number(handle)]?.is_remote_open() ? HANDLE_IN_USE : null;
  });
  judge("transfer", (frame) => judgeTransfer(sessions[frame.channel], frame, links));
  judge("disposition", ({ performative }) => (isOutcome(performative.state) ? null : UNKNOWN_OUTCOME));
  judgeFrames(connection, "disposition", (frame) => narrowDisposition(sessions[frame.channel], frame));
}

function judgeIdleTimeOut(open: Record<string, unknown>): AmqpError | null {
  const idleMs = open.idle_time_out;
  if (!isThere(idleMs) || idleMs === 0) return null;
  if (Number(idleMs) < AMQP_PEER_IDLE_MS_MIN) return TOO_IMPATIENT;
  open.idle_time_out = Math.min(Number(idleMs), AMQP_PEER_IDLE_MS_MAX);
  return null;
}

function judgeTransfer(session: SessionInside | undefined, frame: Frame, links: GuardedLinks): AmqpError | null {
  const { performative, payload } = frame;
  const link = session?.remote.handles[Number(performative.handle)];
  if (!link) return null; // rhea knows no such link either
  if (performative.aborted) return NOT_ABORTED;
  const inside = insideLink(link);
  if (!inside._incomplete) {
    if (inside.credit <= 0) return BEYOND_CREDIT;
    if (performative.message_format) return UNKNOWN_FORMAT;
    // So rhea leaves the decoding to whoever has measured the message first.
    performative.message_format = RAW;
  }
  // What a client sends before it hears that its link has ended is read past.
  if (!payload || !links.mayTake(link, payload.length)) frame.payload = Buffer.alloc(0);
  return null;
}

/** Only deliveries that are under way: rhea would look at each number that is named. False: none of them is. */
function narrowDisposition(session: SessionInside | undefined, { performative }: Frame): boolean {
  const { deliveries } = (performative.role ? session?.outgoing : session?.incoming) ?? {};
  const [head, tail] = [deliveries?.get_head(), deliveries?.get_tail()];
  if (!head || !tail) return false;
  const first = Number(performative.first);
  const last = isThere(performative.last) ? Number(performative.last) : first;
  performative.first = Math.max(first, head.id);
  performative.last = Math.min(last, tail.id);
  return Math.max(first, head.id) <= Math.min(last, tail.id);
}

const RAW = 1;
const isThere = (field: unknown): boolean => field !== undefined && field !== null;

const { is_received, is_accepted, is_rejected, is_released, is_modified } = rhea.message;
const OUTCOMES = [is_received, is_accepted, is_rejected, is_released, is_modified];

const isOutcome = (state: unknown): boolean => {
  const isNone = !isThere(state) || (state as { value: unknown }).value === null;
  return isNone || OUTCOMES.some((is) => is(state as object));
};

const NOT_BEGUN = amqpError("amqp:not-allowed", "A session begins once on a channel, and the client begins it.");
const TOO_MANY_LINKS = amqpError("amqp:resource-limit-exceeded", `A connection has at most ${AMQP_LINKS_MAX} links.`);
const HANDLE_IN_USE = amqpError("amqp:not-allowed", "The handle is another link's.");
const TOO_IMPATIENT = amqpError(
  "amqp:resource-limit-exceeded",
  `An idle-time-out is at least ${AMQP_PEER_IDLE_MS_MIN} ms.`,
);
const NOT_ABORTED = amqpError("amqp:not-implemented", "A message that has begun cannot be aborted.");
const UNKNOWN_FORMAT = amqpError("amqp:not-implemented", "The only message-format is 0.");
const BEYOND_CREDIT = amqpError("amqp:link:transfer-limit-exceeded", "The link has no credit for this message.");
const UNKNOWN_OUTCOME = amqpError("amqp:not-implemented", "The state of a delivery is none of the five that AMQP has.");
