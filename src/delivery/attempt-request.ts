import type { StoredEvent } from "../domain/event.ts";
import { isStaticHeaderName } from "../domain/static-headers.ts";
import type { DeliveryTarget } from "../domain/subscription.ts";
import { attributeHeaders, attributesOf, STRUCTURED_TYPE, structuredBody } from "./cloud-event.ts";
import { requestOrigin } from "./request-url.ts";

export type AttemptHeaders = Record<string, string>;

/** What of a request comes from the relay and the lease, beside the event. */
export type Sender = {
  sourceOrganizationId: string;
  token: string;
  userAgent: string;
  relayOrigin: string;
  staticHeaders: AttemptHeaders;
};

/** How a subscription wants its events. */
export type MessageForm = Pick<DeliveryTarget, "format" | "structured">;

/** What is sent, but for what signs it. */
export type AttemptMessage = { headers: AttemptHeaders; body: Uint8Array };

const PLAIN_VALUE = /^(?! )[\x20-\x7e]*(?<! )$/; // printable ASCII, no space at its ends
const TO_ENCODE = /[^\x21-\x7e]|%/gu;

/** The subscriber's headers that may be sent. Names are checked at registration too; an older row must not break an attempt. */
export function readStaticHeaders(headers: Record<string, string>): AttemptHeaders {
  const allowed = Object.entries(headers).filter(([name]) => isStaticHeaderName(name));
  return Object.fromEntries(allowed.map(([name, value]) => [name.toLowerCase(), headerText(value)]));
}

/**
 * A text as a header value. Printable ASCII stays as it is. Everything else (receivers reject or misread it, and line breaks would
 * be header injection) is percent-encoded as UTF-8, and then `%` is too, so that decoding the value gives the text back.
 */
export function headerText(text: string): string {
  if (PLAIN_VALUE.test(text)) return text;
  return text.toWellFormed().replace(TO_ENCODE, encodeURIComponent);
}

/** The message of one attempt (CONTRACT §5). */
export function attemptMessage(form: MessageForm, sender: Sender, event: StoredEvent): AttemptMessage {
  const common = commonHeaders(sender, event);
  switch (form.format) {
    case "standard":
      return { headers: { ...common, ...standardHeaders(event) }, body: event.body };
    case "fortellis":
      return { headers: { ...common, ...fortellisHeaders(sender, event) }, body: event.body };
    case "cloudevents": {
      const attributes = attributesOf(event, sender.relayOrigin);
      if (!form.structured) return { headers: { ...common, ...attributeHeaders(attributes) }, body: event.body };
      return {
        headers: { ...common, "content-type": STRUCTURED_TYPE },
        body: structuredBody(attributes, event.body),
      };
    }
  }
}

function commonHeaders(sender: Sender, event: StoredEvent): AttemptHeaders {
  const headers: AttemptHeaders = {
    ...sender.staticHeaders,
    "content-type": headerText(event.contentType),
    authorization: `Bearer ${sender.token}`,
    "user-agent": sender.userAgent,
    "x-request-id": headerText(event.requestId),
    // What agreed to deliveries by name may ask for the name on each of them ("HTTP 1.1 Web Hooks for Event Delivery" §2.1).
    "webhook-request-origin": requestOrigin(sender.relayOrigin),
    // A receiver that publishes what it gets shows it again, so that a circle of relays ends.
    "event-hops": String(event.hops + 1),
  };
  if (event.traceparent !== null) headers.traceparent = headerText(event.traceparent);
  if (event.tracestate) headers.tracestate = headerText(event.tracestate);
  if (event.originRequestId !== null) headers["origin-request-id"] = headerText(event.originRequestId);
  return headers;
}

function standardHeaders(event: StoredEvent): AttemptHeaders {
  const headers: AttemptHeaders = { "event-channel": headerText(event.channel), ...ownerHeader(event) };
  if (event.partitionKey !== null) headers["partition-key"] = headerText(event.partitionKey);
  return headers;
}

const fortellisHeaders = (sender: Sender, event: StoredEvent): AttemptHeaders => ({
  ...ownerHeader(event),
  "fortellis-event-id": event.id,
  "source-owner-id": headerText(sender.sourceOrganizationId),
  "origin-request-id": headerText(event.originRequestId ?? event.requestId),
  deliveredtimestamp: new Date(event.acceptedMs).toISOString(),
});

const ownerHeader = ({ dataOwnerId }: StoredEvent): AttemptHeaders =>
  dataOwnerId === null ? {} : { "data-owner-id": headerText(dataOwnerId) };
