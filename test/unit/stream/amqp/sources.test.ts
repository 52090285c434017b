import rhea from "rhea";
import { describe, expect, it, vi } from "vitest";
import { ok } from "../../../../src/kernel/result.ts";
import { soon } from "../../../support/soon.ts";
import { AmqpWorld } from "./amqp-world.ts";
import { receive } from "./receive.ts";

describe("the filter of a source", () => {
  const SELECTOR = "apache.org:selector-filter:string";
  const CODE = 0x468c_0000_0004;
  it.each([
    ["none", {}, null],
    ["an offset", { [SELECTOR]: "amqp.annotation.x-opt-offset > 'AQx-_'" }, { offset: "AQx-_" }],
    [
      "one that is described",
      { [SELECTOR]: rhea.types.wrap_described("amqp.annotation.x-opt-offset > 'AQ'", CODE) },
      { offset: "AQ" },
    ],
    [
      "behind a time",
      { [SELECTOR]: "amqp.annotation.x-opt-enqueued-time > '1700000000000'" },
      { acceptedMs: 1_700_000_000_001 },
    ],
    [
      "from a time on",
      { [SELECTOR]: "amqp.annotation.x-opt-enqueued-time >= '1700000000000'" },
      { acceptedMs: 1_700_000_000_000 },
    ],
  ])("says where it begins: %s", async (_, filter, from) => {
    const asked = vi.fn();
    const world = new AmqpWorld({
      openSource: async (request) => {
        asked(request.from);
        return ok(world.log.open());
      },
    });
    const { receiver } = receive(world.connect(), { source: { address: "api/orders", filter } });
    await soon(() => expect(receiver.is_open()).toBe(true));
    expect(asked).toHaveBeenCalledWith(from);
    expect(Object.keys(receiver.source.filter ?? {})).toEqual(Object.keys(filter));
  });
});

describe("many events", () => {
  it("go through whatever the first of them waits for", async () => {
    const world = new AmqpWorld();
    for (let i = 0; i < 3_000; i++) world.log.publish(i);
    const { receiver, deliveries } = receive(world.connect());
    receiver.add_credit(3_000);
    let settled = 1;
    receiver.on("message", () => {
      for (; settled < deliveries.length; settled++) deliveries[settled]?.accept();
    });
    // The first is not settled: what rhea keeps of those behind it is bounded.
    await soon(() => expect(deliveries.length).toBeGreaterThan(2_000));
    deliveries[0]?.accept();
    await soon(() => expect(world.log.delivered).toHaveLength(3_000));
  });
});
