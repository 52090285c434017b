import { z } from "zod";
import { encodeAttribute } from "../domain/cloud-event.ts";
import type { StoredEvent } from "../domain/event.ts";
import { utf8Bytes } from "../kernel/encoding.ts";
import { encodePath } from "./request-url.ts";

/** Context attributes by name, extensions among them, in their canonical string form (CloudEvents 1.0 §2). */
export type Attributes = Record<string, string>;

/** Checked when the event was published: `domain/cloud-event`. */
const PublishedAttributes = z.record(z.string(), z.string());

/** The media type of a structured event. */
export const STRUCTURED_TYPE = "application/cloudevents+json";

/**
 * What an event says of itself as a CloudEvent. What it was published with stays, apart from what the relay answers for: its
 * `id` is the same on every attempt and in every format, and its `source` names the channel at the relay and hides the publisher.
 */
export function attributesOf(event: StoredEvent, relayOrigin: string): Attributes {
  const own: Attributes = {
    specversion: "1.0",
    id: event.id,
    source: new URL(`/channels/${encodePath(event.channel)}`, relayOrigin).href,
    datacontenttype: event.contentType,
  };
  if (event.partitionKey !== null) own.partitionkey = event.partitionKey;
  if (event.dataOwnerId !== null) own.dataowner = event.dataOwnerId;
  const defaults = { type: event.channel.replaceAll("/", "."), time: new Date(event.acceptedMs).toISOString() };
  return { ...defaults, ...readPublished(event.cloudEvent), ...own };
}

const readPublished = (text: string | null): Attributes =>
  text === null ? {} : PublishedAttributes.parse(JSON.parse(text));

/** Binary mode: a `ce-` header an attribute. The type of the data is the request's `content-type`. */
export function attributeHeaders({ datacontenttype: _, ...attributes }: Attributes): Record<string, string> {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.map(([name, value]) => [`ce-${name}`, encodeAttribute(value)]));
}

/**
 * Structured mode: the attributes and the data in one JSON object. The data is put in as the bytes that were published: parsed and
 * written again, large numbers and members that are there twice would come out as others.
 */
export function structuredBody(attributes: Attributes, data: Uint8Array): Uint8Array {
  const head = utf8Bytes(`${JSON.stringify(attributes).slice(0, -1)},"data":`);
  const body = new Uint8Array(head.length + data.length + 1);
  body.set(head);
  body.set(data, head.length);
  body.set(utf8Bytes("}"), body.length - 1);
  return body;
}
