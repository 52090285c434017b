/**
 * Why the relay closes a WebSocket, and what the client may do then. RFC 6455 §7.4.2 leaves 4000 to 4999 to applications: these
 * end like the HTTP status that they resemble. Names and codes are a promise to clients.
 */
export const CLOSE_CODES = {
  BadFrame: {
    code: 4400,
    meaning: "The request or a frame breaks the protocol. To connect again would change nothing.",
  },
  TokenExpired: {
    code: 4401,
    meaning: "The access token has expired, or its credentials were withdrawn. Get a new one.",
  },
  Forbidden: {
    code: 4403,
    meaning: "The subscription was ended or paused, or the channel is not for these credentials.",
  },
  ChannelGone: { code: 4404, meaning: "The API or the channel is gone." },
  ConsumerTooSlow: { code: 4408, meaning: "The client takes too long to read. Resume behind the last cursor." },
  SessionTakenOver: { code: 4409, meaning: "Another connection has taken the session or the named consumer over." },
  CursorExpired: {
    code: 4410,
    meaning: "The cursor is older than what is kept. Start anew, from a snapshot where that matters.",
  },
  TooMany: { code: 4429, meaning: "Too many frames at once, or too many connections. Come again, and slower." },
  InternalError: { code: 1011, meaning: "Something went wrong in the relay. Resume." },
  ServiceRestart: {
    code: 1012,
    meaning: "The relay restarts, or this connection has lasted long enough. Resume at once.",
  },
} as const;

export type CloseName = keyof typeof CLOSE_CODES;

const REASON_BYTES_MAX = 123; // RFC 6455 §5.5: a control frame has 125 bytes, two of which are the code

/** What goes into a close frame: `ConsumerTooSlow`, or with a detail `BadFrame: what is wrong`. */
export function closeOf(name: CloseName, detail?: string): { code: number; reason: string } {
  const words = detail === undefined ? name : `${name}: ${detail}`;
  return { code: CLOSE_CODES[name].code, reason: cutToBytes(words, REASON_BYTES_MAX) };
}

function cutToBytes(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax));
  return text.slice(0, read);
}
