import rhea, { type Message } from "rhea";
import type { LeasedEvent } from "./ports.ts";

/** An event as an AMQP message (AMQP 1.0 §3.2): the bytes as they were published, in one data section. */
export function toMessage({ event, attemptsBefore }: LeasedEvent): Message {
  const { requestId, dataOwnerId, partitionKey, offset, acceptedMs } = event;
  return {
    durable: true,
    delivery_count: attemptsBefore,
    message_id: event.id,
    to: event.channel,
    subject: event.channel,
    content_type: event.contentType,
    // rhea writes the number that its types call a date.
    creation_time: acceptedMs as unknown as Date,
    ...(partitionKey !== null && { group_id: partitionKey }),
    ...(offset !== null && { message_annotations: { "x-opt-offset": offset } }),
    application_properties: {
      ...(requestId !== null && { "request-id": requestId }),
      ...(dataOwnerId !== null && { "data-owner-id": dataOwnerId }),
    },
    body: rhea.message.data_section(Buffer.from(event.body)),
  };
}
