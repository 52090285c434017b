import type { Sender } from "rhea";
import { describe, expect, it, vi } from "vitest";
import {
  AMQP_FRAME_BYTES_MAX,
  AMQP_MESSAGE_BYTES_MAX,
  AMQP_RECEIVED_BYTES_MAX,
  AMQP_SENDER_CREDIT,
} from "../../../../src/kernel/limits.ts";
import { err, ok } from "../../../../src/kernel/result.ts";
import { soon } from "../../../support/soon.ts";
import { AmqpWorld } from "./amqp-world.ts";
import { ending, frames, messages, open, settle, wireOf } from "./wire.ts";

describe("a client that publishes", () => {
  const open_sender = async (world: AmqpWorld): Promise<Sender> => {
    const connection = await open(world);
    const sender = connection.open_sender("api/orders");
    await soon(() => expect(sender.sendable()).toBe(true));
    return sender;
  };
  const transfer = (id: number, fields = {}) =>
    frames.transfer({
      handle: 0,
      delivery_id: id,
      delivery_tag: Buffer.from(String(id)),
      message_format: 0,
      ...fields,
    });

  it("has so much credit, and gets it back", async () => {
    const world = new AmqpWorld();
    const sender = await open_sender(world);
    const accepted = vi.fn();
    sender.on("accepted", accepted);
    for (let i = 0; i < 5 * AMQP_SENDER_CREDIT; i++) {
      await soon(() => expect(sender.sendable()).toBe(true));
      sender.send({ body: `${i}` });
    }
    await soon(() => expect(accepted).toHaveBeenCalledTimes(5 * AMQP_SENDER_CREDIT));
    expect(world.published).toHaveLength(5 * AMQP_SENDER_CREDIT);
  });

  it("and goes beyond its credit is refused", async () => {
    const world = new AmqpWorld({ openTarget: async () => ok(() => new Promise(() => {})) });
    const sender = await open_sender(world);
    const payload = messages.encode({ body: "{}" });
    for (let i = 0; i <= AMQP_SENDER_CREDIT; i++) wireOf(sender.connection)._write_frame(0, transfer(i), payload);
    expect(await ending(sender.connection)).toBe("amqp:link:transfer-limit-exceeded");
  });

  it("and makes a message larger than it may be is detached", async () => {
    const world = new AmqpWorld();
    const sender = await open_sender(world);
    sender.send({ body: "x".repeat(AMQP_MESSAGE_BYTES_MAX) });
    await soon(() => expect(sender.error).toMatchObject({ condition: "amqp:link:message-size-exceeded" }));
    expect(world.published).toEqual([]);
    expect(sender.connection.is_open()).toBe(true);
  });

  it("and never ends a message is detached", async () => {
    const world = new AmqpWorld();
    const sender = await open_sender(world);
    const part = Buffer.alloc(AMQP_FRAME_BYTES_MAX - 100);
    for (let i = 0; i < 100; i++) wireOf(sender.connection)._write_frame(0, transfer(0, { more: true }), part);
    await soon(() => expect(sender.error).toMatchObject({ condition: "amqp:link:message-size-exceeded" }));
  });

  it("and has too much under way at once is ended", async () => {
    const world = new AmqpWorld({ openTarget: async () => ok(() => new Promise(() => {})) });
    const connection = await open(world);
    const senders = Array.from({ length: 4 }, () => connection.open_sender("api/orders"));
    for (const sender of senders) await soon(() => expect(sender.sendable()).toBe(true));
    const body = Buffer.alloc(1_000_000);
    for (let bytes = 0; bytes < AMQP_RECEIVED_BYTES_MAX + body.length; bytes += body.length) {
      senders[Math.floor(bytes / (4 * body.length)) % 4]?.send({ body });
    }
    expect(await ending(connection)).toBe("amqp:resource-limit-exceeded");
  });

  it.each([
    ["aborts a message", { aborted: true }],
    ["has a format of its own", { message_format: 0x8001_3700 }],
  ])("and %s is refused", async (_, fields) => {
    const sender = await open_sender(new AmqpWorld());
    wireOf(sender.connection)._write_frame(0, transfer(0, fields), messages.encode({ body: "{}" }));
    expect(await ending(sender.connection)).toBe("amqp:not-implemented");
  });

  it("and sends a message that is none has that one rejected", async () => {
    const world = new AmqpWorld();
    const sender = await open_sender(world);
    const outcomes: string[] = [];
    sender.on("rejected", ({ delivery }) => outcomes.push(delivery?.remote_state?.error.condition));
    sender.on("accepted", () => outcomes.push("accepted"));
    sender.send(Buffer.from("f0ffffffffffffffff40", "hex"), "tag", 0);
    await soon(() => expect(outcomes).toEqual(["amqp:decode-error"]));
    sender.send({ body: "{}" });
    await soon(() => expect(outcomes).toEqual(["amqp:decode-error", "accepted"]));
  });

  it("has the events of a key published in their order, and waits for nobody else's", async () => {
    const begun: string[] = [];
    const answers: (() => void)[] = [];
    const publish = (message: { body: Uint8Array }) =>
      new Promise<ReturnType<typeof ok<null>>>((resolve) => {
        begun.push(Buffer.from(message.body).toString());
        answers.push(() => resolve(ok(null)));
      });
    const sender = await open_sender(new AmqpWorld({ openTarget: async () => ok(publish) }));
    for (const [body, key] of [
      ["1", "a"],
      ["2", "a"],
      ["3", "b"],
      ["4", null],
    ] as const) {
      sender.send({ body, ...(key !== null && { group_id: key }) });
    }
    await soon(() => expect(begun).toEqual(["1", "3", "4"]));
    answers[0]?.();
    await soon(() => expect(begun).toEqual(["1", "3", "4", "2"]));
  });

  it("too fast is given its message back, and credit when it may send again", async () => {
    const refusal = { error: { condition: "event-relay:rate-limited", description: "" }, retryAfterMs: 2_000 } as const;
    const world = new AmqpWorld({ openTarget: async () => ok(async () => err(refusal)) });
    const sender = await open_sender(world);
    const released = vi.fn();
    sender.on("released", released);
    for (let i = 0; i < AMQP_SENDER_CREDIT; i++) sender.send({ body: "{}" });
    await soon(() => expect(released).toHaveBeenCalledTimes(AMQP_SENDER_CREDIT));
    await settle();
    expect(sender.sendable()).toBe(false);
    world.timers.pass(2_000);
    await soon(() => expect(sender.sendable()).toBe(true));
  });
});
