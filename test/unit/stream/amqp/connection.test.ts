import type { EventContext, Message } from "rhea";
import { describe, expect, it, vi } from "vitest";
import { AmqpWorld } from "./amqp-world.ts";

const ids = (messages: Message[]) => messages.map(({ message_id: id }) => id);

describe("a receiver", () => {
  it("gets what it has credit for, and no more", async () => {
    const world = new AmqpWorld();
    for (let i = 0; i < 5; i++) world.log.publish({ i });
    const receiver = world.connect().open_receiver({ source: "api/orders", credit_window: 0 });
    const got: Message[] = [];
    receiver.on("message", ({ message }: EventContext) => got.push(message as Message));
    receiver.add_credit(2);
    await vi.waitFor(() => expect(got).toHaveLength(2));
    receiver.add_credit(2);
    await vi.waitFor(() => expect(ids(got)).toEqual(["event-1", "event-2", "event-3", "event-4"]));
    await vi.waitFor(() => expect(world.log.delivered).toEqual(["event-1", "event-2", "event-3", "event-4"]));
    expect(world.log.heldIds).toEqual([]);
  });
});
