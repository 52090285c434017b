import type { Delivery } from "rhea";
import { describe, expect, it, vi } from "vitest";
import { err, ok } from "../../../../src/kernel/result.ts";
import { amqpError } from "../../../../src/stream/amqp/errors.ts";
import { soon } from "../../../support/soon.ts";
import { AmqpWorld } from "./amqp-world.ts";
import { arrive, receive, settle } from "./receive.ts";

const SECOND = 1_000;

describe("a receiver", () => {
  it("gets what it has credit for, and no more; without credit nothing is leased", async () => {
    const world = new AmqpWorld();
    for (let i = 0; i < 5; i++) world.log.publish({ i });
    const { receiver, ids } = receive(world.connect(), { autoaccept: true });
    await soon(() => expect(receiver.is_open()).toBe(true));
    await settle();
    expect(world.log.asked).toEqual([]);
    receiver.add_credit(2);
    await arrive(ids, "event-1", "event-2");
    await settle();
    expect(ids()).toHaveLength(2);
    receiver.add_credit(10);
    await arrive(ids, "event-1", "event-2", "event-3", "event-4", "event-5");
    await soon(() => expect(world.log.delivered).toHaveLength(5));
    expect(world.log.heldIds).toEqual([]);
  });

  it("gets the bytes as they were published, and what is known of the event", async () => {
    const world = new AmqpWorld();
    world.log.publish({ a: "é" }, "RO-1");
    const { receiver, got } = receive(world.connect());
    receiver.add_credit(1);
    await soon(() => expect(got).toHaveLength(1));
    expect(got[0]).toMatchObject({
      message_id: "event-1",
      to: "orders",
      subject: "orders",
      group_id: "RO-1",
      content_type: "application/json",
      creation_time: new Date(1_700_000_000_000),
      durable: true,
      delivery_count: 0,
      application_properties: { "request-id": "request-1" },
    });
    expect(got[0]?.body.content.toString()).toBe('{"a":"é"}');
  });

  it.each([
    ["accepted", (delivery: Delivery) => delivery.accept(), "delivered"],
    ["released", (delivery: Delivery) => delivery.release(), "released"],
    ["rejected", (delivery: Delivery) => delivery.reject(), "failed"],
    ["modified as failed", (delivery: Delivery) => delivery.modified({ delivery_failed: true }), "failed"],
    ["modified as hopeless", (delivery: Delivery) => delivery.modified({ undeliverable_here: true }), "failed"],
    ["modified", (delivery: Delivery) => delivery.modified({}), "released"],
    ["settled without a word", (delivery: Delivery) => delivery.update(true), "released"],
  ])("that has %s an event ends its lease so", async (_, say, outcome) => {
    const world = new AmqpWorld();
    world.log.publish(1);
    const { receiver, deliveries } = receive(world.connect());
    receiver.add_credit(1);
    await soon(() => expect(deliveries).toHaveLength(1));
    say(deliveries[0] as Delivery);
    await soon(() => expect(world.log.settled).toEqual([["event-1", outcome]]));
  });

  it("gets a failed event again, and is told how often it was tried", async () => {
    const world = new AmqpWorld();
    world.log.publish(1);
    const { receiver, got, deliveries } = receive(world.connect());
    receiver.add_credit(1);
    await soon(() => expect(deliveries).toHaveLength(1));
    deliveries[0]?.reject();
    await soon(() => expect(world.log.heldIds).toEqual([]));
    receiver.add_credit(1);
    await soon(() => expect(got.map(({ delivery_count: count }) => count)).toEqual([0, 1]));
  });

  it("with receiver-settle-mode second hears that its word has been heard", async () => {
    const world = new AmqpWorld();
    world.log.publish(1);
    const { receiver, deliveries } = receive(world.connect(), { rcv_settle_mode: 1 });
    const settled = vi.fn();
    receiver.on("settled", settled);
    receiver.add_credit(1);
    await soon(() => expect(deliveries).toHaveLength(1));
    deliveries[0]?.accept();
    await soon(() => expect(settled).toHaveBeenCalled());
    expect(world.log.delivered).toEqual(["event-1"]);
  });

  it("that wants its messages settled has them delivered when they are sent", async () => {
    const world = new AmqpWorld();
    world.log.publish(1);
    const { receiver, ids, deliveries } = receive(world.connect(), { snd_settle_mode: 1 });
    receiver.add_credit(1);
    await arrive(ids, "event-1");
    expect(deliveries[0]?.remote_settled).toBe(true);
    await soon(() => expect(world.log.delivered).toEqual(["event-1"]));
  });

  it("gets what is published later at once, where the log hints", async () => {
    const world = new AmqpWorld();
    const { receiver, ids } = receive(world.connect());
    receiver.add_credit(5);
    await soon(() => expect(world.log.asked).toEqual([5]));
    await settle();
    world.log.publish(1);
    await arrive(ids, "event-1");
  });

  it("gets what is published later by asking again, where nobody hints", async () => {
    const world = new AmqpWorld();
    const { receiver, ids } = receive(world.connect());
    receiver.add_credit(5);
    await soon(() => expect(world.log.asked).toEqual([5]));
    await settle();
    world.log.isMute = true;
    world.log.publish(1);
    await settle();
    expect(ids()).toEqual([]);
    world.timers.pass(SECOND);
    await arrive(ids, "event-1");
  });

  it("that drains gets what is there, and its credit back", async () => {
    const world = new AmqpWorld();
    world.log.publish(1);
    const { receiver, ids } = receive(world.connect());
    const drained = vi.fn();
    receiver.on("receiver_drained", drained);
    receiver.add_credit(4_000_000_000);
    receiver.drain_credit();
    await soon(() => expect(drained).toHaveBeenCalledTimes(1));
    expect(ids()).toEqual(["event-1"]);
    world.log.publish(2);
    await settle();
    expect(ids()).toEqual(["event-1"]);
    receiver.drain = false;
    receiver.add_credit(1);
    await arrive(ids, "event-1", "event-2");
  });

  it.each(["detaches", "is cut off", "closes its connection"])(
    "that %s gives back what it has not settled",
    async (how) => {
      const world = new AmqpWorld();
      for (let i = 0; i < 3; i++) world.log.publish(i);
      const connection = world.connect();
      const { receiver, deliveries } = receive(connection);
      receiver.add_credit(3);
      await soon(() => expect(deliveries).toHaveLength(3));
      deliveries[0]?.accept();
      await soon(() => expect(world.log.delivered).toEqual(["event-1"]));
      if (how === "detaches") receiver.close();
      else if (how === "is cut off") world.cut();
      else connection.close();
      await soon(() => expect(world.log.heldIds).toEqual([]));
      expect(world.log.settled.slice(1)).toEqual([
        ["event-2", "released"],
        ["event-3", "released"],
      ]);
    },
  );

  it("keeps its lease for as long as it lives", async () => {
    const world = new AmqpWorld();
    world.log.publish(1);
    const { receiver, deliveries } = receive(world.connect());
    receiver.add_credit(1);
    await soon(() => expect(deliveries).toHaveLength(1));
    world.timers.pass(20 * SECOND);
    await soon(() => expect(world.log.renewed).toEqual([["event-1"]]));
    deliveries[0]?.accept();
    await soon(() => expect(world.log.delivered).toHaveLength(1));
    world.timers.pass(20 * SECOND);
    await settle();
    expect(world.log.renewed).toHaveLength(1);
  });

  it("tells a log again that has not heard what became of an event", async () => {
    const world = new AmqpWorld();
    world.log.publish(1);
    world.log.deafFor = 2;
    const { receiver, deliveries } = receive(world.connect());
    receiver.add_credit(1);
    await soon(() => expect(deliveries).toHaveLength(1));
    deliveries[0]?.accept();
    for (let i = 0; i < 2; i++) {
      await settle();
      expect(world.log.delivered).toEqual([]);
      world.timers.pass(SECOND);
    }
    await soon(() => expect(world.log.delivered).toEqual(["event-1"]));
  });

  it("shares a subscription with another, each key being one's at a time", async () => {
    const world = new AmqpWorld();
    const connection = world.connect();
    const [one, two] = [receive(connection), receive(connection)];
    for (const key of ["a", "a", "b", "b"]) world.log.publish(key, key);
    one.receiver.add_credit(1);
    await soon(() => expect(one.ids()).toEqual(["event-1"]));
    two.receiver.add_credit(10);
    await soon(() => expect(two.ids()).toEqual(["event-3", "event-4"]));
    one.deliveries[0]?.accept();
    await soon(() => expect(world.log.delivered).toEqual(["event-1"]));
    world.timers.pass(SECOND);
    await soon(() => expect(two.ids()).toEqual(["event-3", "event-4", "event-2"]));
  });

  it("is told why it may not attach, after its attach was answered", async () => {
    const world = new AmqpWorld({ openSource: async () => err(amqpError("amqp:not-found", "There is none.")) });
    const { receiver } = receive(world.connect());
    const order: string[] = [];
    receiver.on("receiver_open", () => order.push(`open ${receiver.source.address ? "with" : "without"} a source`));
    receiver.on("receiver_error", () => order.push(String((receiver.error as { condition: string }).condition)));
    await soon(() => expect(order).toEqual(["open without a source", "amqp:not-found"]));
  });

  it("may detach before its attach was answered", async () => {
    let open = (): void => {};
    const asked = new Promise<void>((resolve) => {
      open = resolve;
    });
    const world = new AmqpWorld();
    const slow = new AmqpWorld({ openSource: () => asked.then(() => ok(world.log.open())) });
    const { receiver } = receive(slow.connect());
    const closed = vi.fn();
    receiver.on("receiver_close", closed);
    await settle();
    receiver.close();
    await soon(() => expect(closed).toHaveBeenCalled());
    open();
    await settle();
    world.log.publish(1);
    expect(world.log.asked).toEqual([]);
  });

  it.each([
    ["none", {}],
    ["a dynamic one", { source: { dynamic: true } }],
    ["one without a channel", { source: "api" }],
    [
      "one with a filter",
      { source: { address: "api/orders", filter: { "apache.org:selector-filter:string": "color = 'red'" } } },
    ],
  ])("needs an address that can be one, and not %s", async (_, options) => {
    const world = new AmqpWorld();
    const { receiver } = receive(world.connect(), { source: {} as never, ...(options as object) });
    const refused = vi.fn();
    receiver.on("receiver_error", refused);
    await soon(() => expect(refused).toHaveBeenCalled());
  });
});
