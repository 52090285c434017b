import { describe, expect, it, vi } from "vitest";
import type { PullOutcome } from "../../../../src/domain/pull.ts";
import { utf8Bytes } from "../../../../src/kernel/encoding.ts";
import { FeedSource } from "../../../../src/stream/amqp/feed-source.ts";
import type { LeasedEvent } from "../../../../src/stream/amqp/ports.ts";

class World {
  readonly acked: string[] = [];
  readonly source: FeedSource;
  #count = 0;

  constructor(fromMs = 0) {
    this.source = new FeedSource({ ack: (cursor) => this.acked.push(cursor), close: () => {} }, fromMs);
  }

  publish(partitionKey: string | null = null, acceptedMs = 1): void {
    const n = ++this.#count;
    const ids = { id: `${n}`, cursor: `cursor-${n}`, apiId: "api", channel: "orders", dataOwnerId: null };
    this.source.take({ ...ids, partitionKey, acceptedMs, body: utf8Bytes("{}") });
  }

  async lease(max = 10): Promise<LeasedEvent[]> {
    const leased = await this.source.lease(max);
    return leased.kind === "events" ? leased.events : [];
  }

  settle(outcome: PullOutcome, ...events: (LeasedEvent | undefined)[]): Promise<boolean> {
    return this.source.settle(events.map((leased) => ({ leased: leased as LeasedEvent, outcome })));
  }
}

const idsOf = (events: LeasedEvent[]) => events.map(({ event }) => event.id);

describe("a feed", () => {
  it("gives its events in order, each once, and where to resume behind it", async () => {
    const world = new World();
    for (let i = 0; i < 3; i++) world.publish();
    const first = await world.lease(2);
    expect(first.map(({ event }) => [event.id, event.offset])).toEqual([
      ["1", "cursor-1"],
      ["2", "cursor-2"],
    ]);
    expect(idsOf(await world.lease())).toEqual(["3"]);
    expect(await world.source.lease(1)).toMatchObject({ kind: "nothing" });
  });

  it("acknowledges what has nothing open before it", async () => {
    const world = new World();
    for (let i = 0; i < 3; i++) world.publish();
    const [one, two, three] = await world.lease();
    await world.settle("delivered", two);
    expect(world.acked).toEqual([]);
    await world.settle("delivered", one);
    expect(world.acked).toEqual(["cursor-2"]);
    await world.settle("failed", three);
    expect(world.acked).toEqual(["cursor-2", "cursor-3"]);
  });

  it("gives again what was released, and what stands behind it in its key", async () => {
    const world = new World();
    for (const key of ["a", "a", "b"]) world.publish(key);
    const [one, two] = await world.lease();
    await world.settle("released", one);
    expect(idsOf(await world.lease())).toEqual(["1", "2"]);
    // The client has had the second before, and says so late.
    await world.settle("delivered", one, two);
    expect(idsOf(await world.lease())).toEqual([]);
    expect(world.acked).toEqual(["cursor-2"]);
  });

  it("begins at a time", async () => {
    const world = new World(100);
    world.publish(null, 99);
    expect(world.acked).toEqual(["cursor-1"]);
    world.publish(null, 100);
    expect(idsOf(await world.lease())).toEqual(["2"]);
  });

  it("hints at what comes, and at its end, which comes behind its events", async () => {
    const world = new World();
    const hear = vi.fn();
    world.source.onHint(hear);
    world.publish();
    expect(hear).toHaveBeenCalledTimes(1);
    world.source.finish("Forbidden");
    expect(hear).toHaveBeenCalledTimes(2);
    expect(idsOf(await world.lease())).toEqual(["1"]);
    expect(await world.source.lease(1)).toMatchObject({ kind: "ended", error: { description: "Forbidden" } });
  });
});
