import type { NewEvent } from "../../src/domain/event.ts";
import { TopicConfig } from "../../src/domain/topic.ts";
import { readNewEvent } from "../../src/topic/versions.ts";

// What an isolate of the first version says in an RPC, and what a log of this one reads there.

/** It says nothing of how long events are kept. */
export const olderTopic = ({ version, access, organizationId }: TopicConfig): TopicConfig =>
  TopicConfig.parse({ version, access, organizationId });

/** It knows no CloudEvents. */
export function olderEvent({ cloudEvent: _, hops: __, ...event }: NewEvent): NewEvent {
  return readNewEvent(event);
}
