import { describe, expect, it } from "vitest";
import { ConnectionSlots } from "../../../../src/http/amqp/connection-slots.ts";

describe("the places for connections", () => {
  it("are so many in all, and free again when one leaves", () => {
    const slots = new ConnectionSlots(2, 2);
    const [first] = [slots.enter(), slots.enter()];
    expect(slots.isFull).toBe(true);
    first.leave();
    first.leave();
    expect(slots.isFull).toBe(false);
    slots.enter();
    expect(slots.isFull).toBe(true);
  });

  it("are so many for each client", () => {
    const slots = new ConnectionSlots(10, 2);
    const [one, two, three] = [slots.enter(), slots.enter(), slots.enter()];
    expect([one.claim("a"), two.claim("a"), three.claim("a"), three.claim("b")]).toEqual([true, true, false, true]);
    one.leave();
    expect(slots.enter().claim("a")).toBe(true);
    expect(slots.enter().claim("a")).toBe(false);
  });

  it("are claimed once, and by nobody who has left", () => {
    const slots = new ConnectionSlots(10, 2);
    const slot = slots.enter();
    expect([slot.claim("a"), slot.claim("b")]).toEqual([true, false]);
    slot.leave();
    expect(slot.claim("a")).toBe(false);
  });
});
