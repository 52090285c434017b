import { describe, expect, it, vi } from "vitest";
import {
  AMQP_CHANNEL_MAX,
  AMQP_LINKS_MAX,
  AMQP_OPEN_MS,
  AMQP_PEER_IDLE_MS_MIN,
} from "../../../../src/kernel/limits.ts";
import { soon } from "../../../support/soon.ts";
import { AmqpWorld } from "./amqp-world.ts";
import { ending, frames, messages, open, settle, types, wireOf } from "./wire.ts";

const begin = { next_outgoing_id: 0, incoming_window: 100, outgoing_window: 100 };
const HEADER = Buffer.from("AMQP\x03\x01\x00\x00", "latin1");

describe("before it has opened, a client", () => {
  it("has so long to say who it is", async () => {
    const world = new AmqpWorld();
    world.timers.pass(AMQP_OPEN_MS - 1);
    await settle();
    expect(world.isCut).toBe(false);
    world.timers.pass(1);
    await soon(() => expect(world.isCut).toBe(true));
  });

  it("that has opened may stay", async () => {
    const world = new AmqpWorld();
    await open(world);
    world.timers.pass(AMQP_OPEN_MS);
    await settle();
    expect(world.isCut).toBe(false);
  });

  it.each([
    ["garbage", Buffer.from("GET /amqp HTTP/1.1")],
    ["no SASL", Buffer.from("AMQP\x00\x01\x00\x00\x00\x00\x00\x08\x02\x00\x00\x00", "latin1")],
    ["a frame of SASL beyond its 512 bytes", Buffer.concat([HEADER, Buffer.from("0000020102010000", "hex")])],
    ["a frame smaller than its own header", Buffer.concat([HEADER, Buffer.from("0000000402010000", "hex")])],
    ["a body that begins behind its frame", Buffer.concat([HEADER, Buffer.from("00000008ff010000", "hex")])],
    ["a frame of another type", Buffer.concat([HEADER, Buffer.from("0000000802070000", "hex")])],
    ["a mechanism named as a method is", Buffer.concat([HEADER, saslInit("enable_plain")])],
    ["ANONYMOUS", Buffer.concat([HEADER, saslInit("ANONYMOUS")])],
    ["PLAIN with a field too many", Buffer.concat([HEADER, saslInit("PLAIN", "\0key\0secret\0more")])],
    ["another secret", Buffer.concat([HEADER, saslInit("PLAIN", "\0key\0guess")])],
  ])("is hung up on for %s", async (_, bytes) => {
    const world = new AmqpWorld();
    world.server.receive(bytes);
    await soon(() => expect(world.isCut).toBe(true));
  });

  it("guesses once", async () => {
    const authenticate = vi.fn(async () => "refused" as const);
    const world = new AmqpWorld({ authenticate });
    const guess = saslInit("PLAIN", "\0key\0guess");
    world.server.receive(Buffer.concat([HEADER, guess, guess, guess]));
    await soon(() => expect(world.isCut).toBe(true));
    expect(authenticate).toHaveBeenCalledTimes(1);
  });

  it("may send what comes next before it knows, within bounds", async () => {
    const world = new AmqpWorld();
    const next = Buffer.from("AMQP\x00\x01\x00\x00", "latin1");
    const opened = frames.write_frame(frames.amqp_frame(0, frames.open({ container_id: "eager" })));
    for (const byte of Buffer.concat([HEADER, saslInit("PLAIN", "\0key\0secret"), next, opened])) {
      world.server.receive(Uint8Array.of(byte));
    }
    await soon(() => expect(Buffer.concat(world.sent).includes("event-relay")).toBe(true));
    const flood = new AmqpWorld({ authenticate: () => new Promise(() => {}) });
    flood.server.receive(Buffer.concat([HEADER, saslInit("PLAIN", "\0key\0secret")]));
    for (let i = 0; i < 40_000; i++) flood.server.receive(Buffer.from("0000000802000000", "hex"));
    await soon(() => expect(flood.isCut).toBe(true));
  });
});

function saslInit(mechanism: string, response = ""): Buffer {
  const init = frames.sasl_init({ mechanism, initial_response: Buffer.from(response) });
  return frames.write_frame(frames.sasl_frame(init));
}

describe("a client that has opened", () => {
  it("has so many sessions", async () => {
    const connection = await open(new AmqpWorld());
    for (let i = 0; i <= AMQP_CHANNEL_MAX; i++) connection.create_session().begin();
    await settle();
    expect(connection.is_open()).toBe(true);
    connection.create_session().begin();
    expect(await ending(connection)).toBe("amqp:connection:framing-error");
  });

  it("begins a session once on a channel", async () => {
    const connection = await open(new AmqpWorld());
    connection.create_session().begin();
    await settle();
    wireOf(connection)._write_frame(0, frames.begin(begin));
    expect(await ending(connection)).toBe("amqp:not-allowed");
  });

  it("has so many links", async () => {
    const connection = await open(new AmqpWorld());
    for (let i = 0; i < AMQP_LINKS_MAX; i++) connection.open_receiver("api/orders");
    await settle();
    expect(connection.is_open()).toBe(true);
    connection.open_receiver("api/orders");
    expect(await ending(connection)).toBe("amqp:resource-limit-exceeded");
  });

  it("may attach and detach for as long as it likes", async () => {
    const connection = await open(new AmqpWorld());
    for (let i = 0; i < 3 * AMQP_LINKS_MAX; i++) {
      const receiver = connection.open_receiver("api/orders");
      await soon(() => expect(receiver.is_open()).toBe(true));
      receiver.close();
      await soon(() => expect(receiver.is_closed()).toBe(true));
    }
    expect(connection.is_open()).toBe(true);
  });

  it.each(["__proto__", "constructor", "toString"])("does no harm with a link named %s", async (name) => {
    const connection = await open(new AmqpWorld());
    connection.create_session().begin();
    wireOf(connection)._write_frame(0, frames.attach({ name, handle: 0, role: true }));
    expect(await ending(connection)).toBe("amqp:invalid-field");
  });

  it("settles four billion deliveries, and costs nothing", async () => {
    const world = new AmqpWorld();
    world.log.publish(1);
    const connection = await open(world);
    const receiver = connection.open_receiver({ source: "api/orders", autoaccept: false, credit_window: 1 });
    await soon(() => expect(world.log.heldIds).toHaveLength(1));
    await settle();
    const startedMs = performance.now();
    const everything = {
      role: true,
      first: 0,
      last: 0xffff_ffff,
      settled: true,
      state: messages.accepted().described(),
    };
    wireOf(connection)._write_frame(0, frames.disposition(everything));
    await soon(() => expect(world.log.delivered).toEqual(["event-1"]));
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(receiver.is_open()).toBe(true);
  });

  it("is refused a state that is no outcome", async () => {
    const world = new AmqpWorld();
    world.log.publish(1);
    const connection = await open(world);
    connection.open_receiver({ source: "api/orders", autoaccept: false, credit_window: 1 });
    await soon(() => expect(world.log.heldIds).toHaveLength(1));
    await settle();
    const state = types.described(types.wrap_ulong(0x34), types.wrap_list([]));
    wireOf(connection)._write_frame(0, frames.disposition({ role: true, first: 0, settled: true, state }));
    expect(await ending(connection)).toBe("amqp:not-implemented");
  });

  it("is refused where it wants a sign of life all the time", async () => {
    const world = new AmqpWorld();
    const connection = world.connect({ idle_time_out: AMQP_PEER_IDLE_MS_MIN - 1 });
    expect(await ending(connection)).toBe("amqp:resource-limit-exceeded");
  });

  it("is not sent one all the time where it wants none for longer than a timer can count", async () => {
    const world = new AmqpWorld();
    const idle = frames.open({ container_id: "patient", idle_time_out: 0xffff_ffff });
    world.server.receive(Buffer.concat([HEADER, saslInit("PLAIN", "\0key\0secret")]));
    world.server.receive(Buffer.from("AMQP\x00\x01\x00\x00", "latin1"));
    world.server.receive(frames.write_frame(frames.amqp_frame(0, idle)));
    await soon(() => expect(Buffer.concat(world.sent).includes("event-relay")).toBe(true));
    const before = world.sent.length;
    await settle();
    expect(world.sent.length).toBe(before);
    world.cut();
  });

  it("is refused a frame of few bytes that stands for many values", async () => {
    const world = new AmqpWorld();
    const connection = await open(world);
    // A flow whose one field is an array of 5,000 nulls.
    world.server.receive(Buffer.from("0000001e02000000005313d00000000e00000001f0000000050000138840", "hex"));
    expect(await ending(connection)).toBe("amqp:decode-error");
  });

  it.each([
    ["a frame that is too large", Buffer.from([0, 2, 0, 0, 2, 0, 0, 0])],
    ["a performative that is none", Buffer.from("0000000c0200000000538045", "hex")],
    ["a body that is no performative", Buffer.from("000000090200000040", "hex")],
    ["a body cut short", Buffer.from("0000000c0200000000531070", "hex")],
  ])("is refused %s", async (_, bytes) => {
    const world = new AmqpWorld();
    await open(world);
    world.server.receive(bytes);
    await settle();
    world.timers.pass(10_000);
    await soon(() => expect(world.isCut).toBe(true));
  });

  it("names a session, a link or a delivery that is none", async () => {
    for (const frame of [
      frames.detach({ handle: 9 }),
      frames.transfer({ handle: 9, delivery_id: 0, delivery_tag: Buffer.from("a") }),
      frames.flow({ incoming_window: 1, next_outgoing_id: 0, outgoing_window: 1, handle: 9 }),
      frames.end(),
    ]) {
      const connection = await open(new AmqpWorld());
      wireOf(connection)._write_frame(5, frame);
      expect(await ending(connection)).toBe("amqp:invalid-field");
    }
  });
});
