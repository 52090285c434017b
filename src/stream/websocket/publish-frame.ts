import { type Member, membersOf, spanAt } from "../../domain/json-spans.ts";
import { type JsonTextError, parseJsonBytes } from "../../domain/json-text.ts";
import { utf8Bytes } from "../../kernel/encoding.ts";
import {
  EVENT_JSON_DEPTH_MAX,
  PUBLISH_FRAME_BYTES_MAX,
  PUBLISH_FRAME_ID_CHARS_MAX,
  PUBLISH_FRAME_MEMBERS_MAX,
} from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";

/** What a publisher sends over a WebSocket: an event, as the bytes of its `data` came, and what it says of it. */
export type PublishFrame = {
  /** Comes back in the answer. */
  id: string | null;
  channel: string | null;
  partitionKey: string | null;
  dataOwnerId: string | null;
  idempotencyKey: string | null;
  data: Uint8Array<ArrayBuffer>;
};

/** `path` is the name of a member; empty for the frame as a whole. */
export type FrameFault =
  | JsonTextError
  | { reason: "body_too_large"; detail: string }
  | { reason: "body_invalid"; detail: string; errors: { path: string; message: string }[] };

/** A frame that is refused; `id` is what it calls itself, where that can be read. */
export type RefusedFrame = { id: string | null; fault: FrameFault };

const TEXTS = ["id", "channel", "partitionKey", "dataOwnerId", "idempotencyKey"] as const;
type Text = (typeof TEXTS)[number];
const DATA = "data";
const NO_TEXTS: Record<Text, string | null> = {
  id: null,
  channel: null,
  partitionKey: null,
  dataOwnerId: null,
  idempotencyKey: null,
};

/** Reads `{channel?, partitionKey?, data, dataOwnerId?, idempotencyKey?, id?}`; null is as good as absent, but for `data`. */
export function readPublishFrame(text: string): Result<PublishFrame, RefusedFrame> {
  const bytes = utf8Bytes(text);
  if (bytes.length > PUBLISH_FRAME_BYTES_MAX) return refuse(FRAME_TOO_LARGE);
  const json = parseJsonBytes(bytes, EVENT_JSON_DEPTH_MAX + 1);
  if (!json.ok) return refuse(json.error);
  const { value } = json;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return invalid("", "must be a JSON object");
  const members = membersOf(bytes, spanAt(bytes, 0), PUBLISH_FRAME_MEMBERS_MAX);
  if (!members) return invalid("", `has more than ${PUBLISH_FRAME_MEMBERS_MAX} members`);
  return readMembers(bytes, members);
}

export const FRAME_TOO_LARGE: FrameFault = {
  reason: "body_too_large",
  detail: `A frame may have ${PUBLISH_FRAME_BYTES_MAX} bytes.`,
};

function readMembers(bytes: Uint8Array<ArrayBuffer>, members: Member[]): Result<PublishFrame, RefusedFrame> {
  const texts = { ...NO_TEXTS };
  const errors: { path: string; message: string }[] = [];
  const seen = new Set<string>();
  let data: Uint8Array<ArrayBuffer> | null = null;
  for (const { name, value } of members) {
    if (seen.has(name)) errors.push({ path: shown(name), message: "stands there twice" });
    else if (name === DATA) data = bytes.slice(value.start, value.end);
    else if (isText(name)) {
      const read = readText(name, bytes.subarray(value.start, value.end));
      if (read.ok) texts[name] = read.value;
      else errors.push({ path: name, message: read.error });
    } else errors.push({ path: shown(name), message: "there is no such member" });
    seen.add(name);
  }
  if (!data) errors.push({ path: DATA, message: "is missing" });
  return data && errors.length === 0 ? ok({ ...texts, data }) : invalidOf(errors, texts.id);
}

const isText = (name: string): name is Text => TEXTS.some((text) => text === name);

function readText(name: Text, part: Uint8Array): Result<string | null, string> {
  const value: unknown = JSON.parse(new TextDecoder().decode(part));
  if (value === null) return ok(null);
  if (typeof value !== "string") return err("must be a text");
  const isTooLong = name === "id" && value.length > PUBLISH_FRAME_ID_CHARS_MAX;
  return isTooLong ? err(`must be at most ${PUBLISH_FRAME_ID_CHARS_MAX} characters`) : ok(value);
}

/** Names are as long as somebody likes, where they are none of ours. */
const shown = (name: string): string => name.slice(0, PUBLISH_FRAME_ID_CHARS_MAX).toWellFormed();

const refuse = (fault: FrameFault, id: string | null = null) => err({ id, fault });

const invalid = (path: string, message: string) => invalidOf([{ path, message }], null);

function invalidOf(errors: { path: string; message: string }[], id: string | null) {
  const [first] = errors;
  const detail = `${first?.path ? `${first.path}:` : "The frame"} ${first?.message}.`;
  return refuse({ reason: "body_invalid", detail, errors }, id);
}
