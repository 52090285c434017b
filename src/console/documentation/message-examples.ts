import { isRecord, type JsonRecord, memberOf } from "../../asyncapi/reader/json-values.ts";
import { examplePayload, type SampleChannel } from "../samples/channel-event.ts";
import { messagesOf2 } from "./resolve-document.ts";

/** Gives messages without an example of a payload the one that the relay makes of their schema: `resolved` is changed. */
export function giveExamples(resolved: JsonRecord, channels: SampleChannel[]): void {
  const byAddress = new Map(channels.map((channel) => [channel.address, channel.messages]));
  for (const [key, channel] of Object.entries(recordAt(resolved, "channels") ?? {})) {
    const named = recordAt(channel, "messages");
    const address = typeof memberOf(channel, "address")?.value === "string" ? memberOf(channel, "address")?.value : key;
    const messages = byAddress.get(String(address).replace(/^\//, "")) ?? [];
    const alternatives = messagesOf2(recordAt(channel, "subscribe"));
    for (const [n, message] of messages.entries()) {
      const shown = named ? recordAt(named, message.name) : alternatives[n];
      if (shown && !hasExample(shown)) shown.examples = [{ payload: examplePayload(message) }];
    }
  }
}

const recordAt = (holder: unknown, key: string): JsonRecord | undefined => {
  const value = memberOf(holder, key)?.value;
  return isRecord(value) ? value : undefined;
};

function hasExample(message: JsonRecord): boolean {
  const examples = memberOf(message, "examples")?.value;
  return Array.isArray(examples) && examples.some((example) => memberOf(example, "payload") !== undefined);
}
