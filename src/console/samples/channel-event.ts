import { fillAddress, parameterNames } from "../../domain/channel-address.ts";
import { isRecord, ownMember } from "../../json-schema/json-value.ts";
import { sampleValue } from "../../json-schema/samples/sample-value.ts";

/** A channel as the directory shows it: as much of it as a sample needs. */
export type SampleChannel = {
  address: string;
  messages: { name: string; schema?: unknown; examples: unknown[] }[];
};

/** An event that could be published to a channel. `path`: the channel as a URL has it, each parameter with a value. */
export type ChannelEvent = { path: string; key: string; payload: unknown };

const KEY_NAME = /(?:number|id|vin|key|code)$/i;
/** What a header and a segment of a path take as it is, and nobody gets tired of reading. */
const PLAIN = /^[!-.0-~]{1,100}$/;

/** A payload as the publisher shows it; where it shows none, one that its schema allows. */
export const examplePayload = ({ examples, schema }: SampleChannel["messages"][number]): unknown =>
  examples.length > 0 ? examples[0] : sampleValue(schema ?? true);

/** An event of the channel's first message. What the address and the payload have by the same name is the same. */
export function exampleEvent({ address, messages: [message] }: SampleChannel): ChannelEvent {
  const payload = message ? examplePayload(message) : { hello: "world" };
  const path = fillAddress(address, (name) => plainMember(payload, name) ?? (name || "any"));
  return { path: toUrlPath(path), key: findKey(payload, parameterNames(address)) ?? "key-1", payload };
}

const toUrlPath = (path: string): string => path.toWellFormed().split("/").map(encodeURIComponent).join("/");

function plainMember(payload: unknown, name: string): string | undefined {
  const value = isRecord(payload) ? ownMember(payload, name) : undefined;
  const isScalar = typeof value === "string" || typeof value === "number";
  return isScalar && PLAIN.test(String(value)) ? String(value) : undefined;
}

/** What tells one thing that events are about from another: the first member that is called so, and does not name the channel. */
const findKey = (payload: unknown, parameters: string[]): string | undefined =>
  Object.keys(isRecord(payload) ? payload : {})
    .filter((name) => KEY_NAME.test(name) && !parameters.includes(name))
    .map((name) => plainMember(payload, name))
    .find((value) => value !== undefined);
