import { z } from "zod";
import { MQTT_FILTER_CHARS_MAX } from "../../kernel/limits.ts";
import type { InFlight } from "./outgoing.ts";
import type { GrantedFilter } from "./subscriptions.ts";
import { readTopicFilter } from "./topic-filter.ts";

/** A session between two connections. Its place in the stream is kept beside it, as the cursor of its name. */
export type KeptSession = { filters: GrantedFilter[]; inFlight: InFlight[] };

const State = z.object({
  filters: z.array(z.tuple([z.string(), z.union([z.literal(0), z.literal(1)]), z.int().nullable()])),
  inFlight: z.array(z.tuple([z.int(), z.string()])),
});

export const writeSession = ({ filters, inFlight }: KeptSession): string =>
  JSON.stringify({
    filters: filters.map(({ filter, qos, identifier }) => [filter.text, qos, identifier]),
    inFlight: inFlight.map(({ packetId, eventId }) => [packetId, eventId]),
  } satisfies z.infer<typeof State>);

/** Reads what `writeSession` wrote; null where nothing was written yet. Throws on anything else. */
export function readSession(text: string): KeptSession | null {
  if (text === "") return null;
  const { filters, inFlight } = State.parse(JSON.parse(text));
  return {
    filters: filters.flatMap(([text, qos, identifier]) => {
      const filter = readTopicFilter(text, MQTT_FILTER_CHARS_MAX);
      return filter.ok ? { filter: filter.value, qos, identifier } : [];
    }),
    inFlight: inFlight.map(([packetId, eventId]) => ({ packetId, eventId })),
  };
}
