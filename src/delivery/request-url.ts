import type { DeliveryTarget } from "../domain/subscription.ts";

/** Where a target's events go: all of the URL but the event's channel. */
export type RequestUrl = { head: string; channelInPath: boolean; tail: string };

const DOTS = /^\.{1,2}$/;

/** Splits a checked endpoint at the place where format `fortellis` puts the channel; its query stays behind. */
export function splitEndpoint(endpoint: URL, target: Pick<DeliveryTarget, "format" | "eventPath">): RequestUrl {
  if (target.format !== "fortellis") return { head: endpoint.href, channelInPath: false, tail: "" };
  const path = endpoint.pathname.replace(/\/+$/, "");
  return { head: `${endpoint.origin}${path}/event`, channelInPath: target.eventPath === null, tail: endpoint.search };
}

export const requestUrl = ({ head, channelInPath, tail }: RequestUrl, channel: string): string =>
  channelInPath ? `${head}/${encodePath(channel)}${tail}` : head + tail;

/** A channel as a path that every URL parser reads as it is meant. */
export const encodePath = (channel: string): string => channel.toWellFormed().split("/").map(encodeSegment).join("/");

/** URL parsers resolve `..` in every spelling but a twice encoded one, so no channel can climb out of what stands before it. */
const encodeSegment = (segment: string): string =>
  DOTS.test(segment) ? segment.replaceAll(".", "%252E") : encodeURIComponent(segment);

/** How the relay names itself to endpoints: `WebHook-Request-Origin`. */
export const requestOrigin = (relayOrigin: string): string => new URL(relayOrigin).hostname;
