import type { NewEvent } from "../../../src/domain/event.ts";
import { WAKE_COVER_MS } from "../../../src/kernel/limits.ts";
import { putConsent } from "../../../src/topic/engine/controls.ts";
import { lookAfterAll } from "../../../src/topic/engine/upkeep.ts";
import type { Operation, Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const FIRST = "first";
const OWNER = "store-1";
const OTHER_OWNER = "store-2";

/** Many subscriptions of one topic, of which all want each event, or one does. */
export type Crowd = {
  name: string;
  access: "open" | "consent";
  /** What sets the others apart from the one that wants each event. */
  subscribe(stage: Stage, id: string): void;
  event: Partial<NewEvent>;
};

const storeFilter = (store: string): string =>
  JSON.stringify({
    properties: { data: { type: "object", required: ["store"], properties: { store: { const: store } } } },
  });

export const CROWDS: Crowd[] = [
  { name: "all match", access: "open", subscribe: (stage, id) => void stage.subscribe({ id }), event: {} },
  {
    name: "one is named by Subscription-Id",
    access: "open",
    subscribe: (stage, id) => void stage.subscribe({ id }),
    event: { subscriptionId: FIRST },
  },
  {
    name: "one has the owner's consent",
    access: "consent",
    subscribe(stage, id) {
      stage.subscribe({ id });
      consent(stage, id, OTHER_OWNER);
    },
    event: { dataOwnerId: OWNER },
  },
  {
    name: "one has a filter that fits",
    access: "open",
    subscribe: (stage, id) => void stage.subscribe({ id, filter: storeFilter(id) }),
    event: { body: new TextEncoder().encode(JSON.stringify({ store: FIRST, remark: "A step. ".repeat(30) })) },
  },
];

function consent(stage: Stage, subscriptionId: string, dataOwnerId: string): void {
  putConsent(stage.log, { subscriptionId, dataOwnerId, version: 1, granted: true, expiresMs: null });
}

/** The crowd's log; its size is the number of its subscriptions. */
export const manySubscriptions = (crowd: Crowd): Scenario => ({
  name: crowd.name,
  grow(stage, from, to) {
    stage.topic = { ...stage.topic, access: crowd.access };
    if (from === 0) subscribeFirst(stage, crowd);
    for (let i = Math.max(1, from); i < to; i++) crowd.subscribe(stage, `subscription-${i}`);
  },
  operations: operations(crowd),
});

function subscribeFirst(stage: Stage, { access, event }: Crowd): void {
  stage.subscribe({ id: FIRST, filter: event.body ? storeFilter(FIRST) : null });
  if (access === "consent") consent(stage, FIRST, OWNER);
}

const operations = ({ event }: Crowd): Operation[] => [
  {
    name: "append an event, nobody is on the way",
    measure: (stage) =>
      stage.measure(
        20,
        () => stage.append([stage.event(event)]),
        () => {
          stage.nowMs += 2 * WAKE_COVER_MS;
        },
      ),
  },
  {
    name: "append an event, all are on the way",
    measure: (stage) => stage.measure(20, () => stage.append([stage.event(event)])),
  },
  { name: "the alarm", measure: (stage) => stage.measure(20, () => lookAfterAll(stage.log)) },
  { name: "open the log", measure: (stage) => stage.measure(5, () => stage.reopen()) },
  {
    name: "the first alarm of an instance",
    measure: (stage) =>
      stage.measure(
        5,
        () => lookAfterAll(stage.log),
        () => stage.reopen(),
      ),
  },
];
