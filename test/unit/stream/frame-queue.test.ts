import { describe, expect, it } from "vitest";
import { FrameQueue } from "../../../src/stream/frame-queue.ts";

/** Work that ends when the test says so, and notes when it began. */
function stage(bounds = { framesMax: 2, charsMax: 10 }) {
  const queue = new FrameQueue(bounds);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const push = (n: number, chars = 1) =>
    queue.push(() => {
      begun.push(n);
      return new Promise<void>((resolve) => ends.push(resolve));
    }, chars);
  const endOne = async () => {
    ends.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { queue, begun, push, endOne };
}

describe("the frames of a connection", () => {
  it("are worked on one after the other, in their order, the first at once", async () => {
    const { begun, push, endOne } = stage();
    const all = push(1);
    push(2);
    push(3);
    expect(begun).toEqual([1]);
    await endOne();
    expect(begun).toEqual([1, 2]);
    await endOne();
    await endOne();
    await all;
    expect(begun).toEqual([1, 2, 3]);
    push(4);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it("wait in a bounded number, of which the one that is worked on is none", async () => {
    const { queue, push, endOne } = stage();
    push(1);
    push(2);
    expect(queue.hasRoom(1)).toBe(true);
    push(3);
    expect(queue.hasRoom(1)).toBe(false);
    await endOne();
    expect(queue.hasRoom(1)).toBe(true);
  });

  it("wait in a bounded length", async () => {
    const { queue, push, endOne } = stage({ framesMax: 100, charsMax: 10 });
    push(1, 10);
    push(2, 8);
    expect([queue.hasRoom(2), queue.hasRoom(3)]).toEqual([true, false]);
    await endOne();
    expect(queue.hasRoom(10)).toBe(true);
  });

  it("are forgotten when there is no use for them, but the one that has begun", async () => {
    const { queue, begun, push, endOne } = stage();
    const all = push(1, 5);
    push(2, 5);
    queue.clear();
    expect(queue.hasRoom(10)).toBe(true);
    await endOne();
    await all;
    expect(begun).toEqual([1]);
  });
});
