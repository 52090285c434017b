import { z } from "zod";
import type { FeedEvent } from "../domain/feed.ts";
import type { LiveEvent } from "../domain/live.ts";
import { utf8Bytes } from "../kernel/encoding.ts";

const Topic = z.object({
  apiId: z.string(),
  subscriptionId: z.string(),
  topicId: z.string(),
  topicNumber: z.number(),
  channels: z.array(z.string()).nullable(),
});
const Start = z.object({ after: z.string().nullable(), from: z.enum(["latest", "earliest"]) });

/** What an adapter says to its hub. */
export const LinkCommand = z.union([
  z.object({ ack: z.string() }),
  z.object({ listen: z.array(Topic), start: Start }),
  z.object({ leave: z.array(z.string()) }),
  z.object({ keep: z.string(), expirySeconds: z.number() }),
  z.object({ forget: z.literal(true) }),
]);
export type LinkCommand = z.infer<typeof LinkCommand>;

/** What a hub's client may say: `{ack}`, of a cursor that it was sent. */
export const ClientCommand = z.strictObject({ ack: z.string() });

/** What a hub says to an adapter beside events. */
export type LinkNote = { hint: string } | { listens: true };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: false });

/** The frames of one event. Written once, however many get it. */
export class EventFrames {
  readonly #event: FeedEvent;
  #data: string | null = null;
  readonly #fields = new Map<string, string>();

  constructor(event: FeedEvent) {
    this.#event = event;
  }

  /** As the contract has it: `{cursor, id, channel, partitionKey, data}`. */
  forClient(cursor: string): string {
    const { id, channel, partitionKey } = this.#event;
    return `{"cursor":"${cursor}",${this.#write("client", { id, channel, partitionKey })},"data":${this.#text()}}`;
  }

  /** For an adapter: a line of fields, then the body. */
  forLink(cursor: string, apiId: string): string {
    const { id, channel, partitionKey, dataOwnerId, acceptedMs } = this.#event;
    const fields = { apiId, id, channel, partitionKey, dataOwnerId, acceptedMs };
    return `{"cursor":"${cursor}",${this.#write("link", fields)}}\n${this.#text()}`;
  }

  #text(): string {
    this.#data ??= decoder.decode(this.#event.body);
    return this.#data;
  }

  /** Members without the braces around them. */
  #write(form: string, fields: Record<string, unknown>): string {
    const written = this.#fields.get(form) ?? JSON.stringify(fields).slice(1, -1);
    this.#fields.set(form, written);
    return written;
  }
}

/** Reads what a hub says to an adapter. */
export function readLinkFrame(frame: string): { event: LiveEvent } | LinkNote {
  const end = frame.indexOf("\n");
  if (end < 0) return JSON.parse(frame) as LinkNote;
  const fields = JSON.parse(frame.slice(0, end)) as Omit<LiveEvent, "body">;
  return { event: { ...fields, body: utf8Bytes(frame.slice(end + 1)) } };
}
