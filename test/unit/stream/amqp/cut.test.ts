import type { Delivery, EventContext } from "rhea";
import { describe, expect, it } from "vitest";
import { soon } from "../../../support/soon.ts";
import { AmqpWorld, FakeLog } from "./amqp-world.ts";

const KEYS = ["a", "b", "c"];
const EVENTS = 12;

/** Consumes until the cable is cut, which happens when so many chunks have gone over it, or all is done. */
async function consumeUntilCut(log: FakeLog, seen: string[], cutAfter: number): Promise<boolean> {
  const world = new AmqpWorld({ log, cutAfter });
  const receiver = world.connect().open_receiver({ source: "api/orders", credit_window: 4, autoaccept: false });
  receiver.on("message", ({ message, delivery }: EventContext) => {
    seen.push(String(message?.message_id));
    (delivery as Delivery).accept();
  });
  await soon(() => expect(world.isCut || log.delivered.length === EVENTS).toBe(true));
  const wasCut = world.isCut;
  world.cut();
  await soon(() => expect(log.heldIds).toEqual([]));
  return wasCut;
}

describe("a connection that is cut", () => {
  it("at any chunk of it loses nothing, and changes the order of no key", async () => {
    let wasCut = true;
    for (let cutAfter = 1; wasCut; cutAfter++) {
      const log = new FakeLog();
      for (let i = 0; i < EVENTS; i++) log.publish(i, KEYS[i % KEYS.length]);
      const seen: string[] = [];
      wasCut = await consumeUntilCut(log, seen, cutAfter);
      await consumeUntilCut(log, seen, Number.POSITIVE_INFINITY);
      expect(new Set(log.delivered).size).toBe(EVENTS);
      const sightings = [...new Set(seen)];
      for (const key of KEYS) {
        const published = log.events.filter(({ partitionKey }) => partitionKey === key).map(({ id }) => id);
        expect(sightings.filter((id) => published.includes(id))).toEqual(published);
      }
      // As many chunks as it takes to consume it all.
      expect(cutAfter).toBeLessThan(200);
    }
  });
});
