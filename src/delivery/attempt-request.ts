import type { StoredEvent } from "../domain/event.ts";
import { isStaticHeaderName } from "../domain/static-headers.ts";
import type { DeliveryTarget } from "../domain/subscription.ts";

/** Where a target's events go: all of the URL but the event's channel. */
export type RequestUrl = { head: string; channelInPath: boolean; tail: string };

export type AttemptHeaders = Record<string, string>;

/** What of a request comes from the relay and the lease, beside the event. */
export type Sender = { sourceOrganizationId: string; token: string; userAgent: string; staticHeaders: AttemptHeaders };

const PLAIN_VALUE = /^(?! )[\x20-\x7e]*(?<! )$/; // printable ASCII, no space at its ends
const TO_ENCODE = /[^\x21-\x7e]|%/gu;
const DOTS = /^\.{1,2}$/;

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

/** Splits a checked endpoint at the place where format `fortellis` puts the channel; its query stays behind. */
export function splitEndpoint(endpoint: URL, target: Pick<DeliveryTarget, "format" | "eventPath">): RequestUrl {
  if (target.format === "standard") return { head: endpoint.href, channelInPath: false, tail: "" };
  const path = endpoint.pathname.replace(/\/+$/, "");
  return { head: `${endpoint.origin}${path}/event`, channelInPath: target.eventPath === null, tail: endpoint.search };
}

export const requestUrl = ({ head, channelInPath, tail }: RequestUrl, channel: string): string =>
  channelInPath ? `${head}/${encodePath(channel)}${tail}` : head + tail;

const encodePath = (channel: string): string => channel.toWellFormed().split("/").map(encodeSegment).join("/");

/** URL parsers resolve `..` in every spelling but a twice encoded one, so no channel can climb out of `/event`. */
const encodeSegment = (segment: string): string =>
  DOTS.test(segment) ? segment.replaceAll(".", "%252E") : encodeURIComponent(segment);

/** The headers of one attempt (CONTRACT §5), but for the signature's three. */
export function requestHeaders(format: DeliveryTarget["format"], sender: Sender, event: StoredEvent): AttemptHeaders {
  const headers: AttemptHeaders = {
    ...sender.staticHeaders,
    "content-type": headerText(event.contentType),
    authorization: `Bearer ${sender.token}`,
    "user-agent": sender.userAgent,
    "x-request-id": headerText(event.requestId),
  };
  if (event.traceparent !== null) headers.traceparent = headerText(event.traceparent);
  if (event.dataOwnerId !== null) headers["data-owner-id"] = headerText(event.dataOwnerId);
  if (format === "standard") addStandardHeaders(headers, event);
  else addFortellisHeaders(headers, sender, event);
  return headers;
}

function addStandardHeaders(headers: AttemptHeaders, event: StoredEvent): void {
  headers["event-channel"] = headerText(event.channel);
  if (event.partitionKey !== null) headers["partition-key"] = headerText(event.partitionKey);
  if (event.originRequestId !== null) headers["origin-request-id"] = headerText(event.originRequestId);
}

function addFortellisHeaders(headers: AttemptHeaders, sender: Sender, event: StoredEvent): void {
  headers["fortellis-event-id"] = event.id;
  headers["source-owner-id"] = headerText(sender.sourceOrganizationId);
  headers["origin-request-id"] = headerText(event.originRequestId ?? event.requestId);
  headers.deliveredtimestamp = new Date(event.acceptedMs).toISOString();
}
