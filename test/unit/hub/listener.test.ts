import { describe, expect, it } from "vitest";
import type { ListenedTopic } from "../../../src/domain/live.ts";
import { readCursor } from "../../../src/domain/stream-cursor.ts";
import { Listener } from "../../../src/hub/listener.ts";
import { newId } from "../../../src/kernel/ids.ts";
import { CONSUMER_NAME_CHARS_MAX, LISTENED_LOGS_MAX, LISTENED_TOPICS_MAX } from "../../../src/kernel/limits.ts";
import { HubFixture } from "../../support/hub-fixture.ts";

describe("a listener that was closed", () => {
  it("is waited for no longer, and is nobody after hibernation", async () => {
    const f = new HubFixture();
    f.log.subscribe();
    f.publish(600);
    const { listener, socket } = f.listen(0, { acknowledges: true });
    await f.run();
    expect(listener.blockedSinceMs).toBe(f.log.nowMs);
    listener.close("ConsumerTooSlow");
    expect(listener.blockedSinceMs).toBeNull();
    f.publish(1);
    await f.run();
    expect(socket.frames).toHaveLength(500);
    expect(Listener.restore(listener.socket)).toBeNull();
  });
});

describe("a listener whose places are more than a socket can hold", () => {
  it("is nobody who listens to as much as one may", () => {
    const f = new HubFixture();
    const consumer = "n".repeat(CONSUMER_NAME_CHARS_MAX);
    const { listener } = f.listen(0, { acknowledges: true, clientId: newId(), consumer });
    const topics = Array.from({ length: LISTENED_TOPICS_MAX }, (_, topicNumber) => ({
      ...{ apiId: newId(), subscriptionId: newId(), topicId: newId(), topicNumber: 1e6 + topicNumber, channels: null },
    }));
    for (let i = 1; i < LISTENED_LOGS_MAX; i++) {
      listener.sit(topics[i % topics.length] as ListenedTopic, Math.floor(i / topics.length), 1e8);
    }
    expect(listener.save()).toBe(true);
  });

  const wide = (f: HubFixture, chars: number) => ({ ...f.topic(), channels: ["c".repeat(chars)] });

  it("is closed, and takes nobody with it", async () => {
    const f = new HubFixture();
    f.log.subscribe();
    f.publish(1);
    const { socket } = f.listen(0, {}, wide(f, 17_000));
    const other = f.listen(0);
    await f.run();
    expect(socket.closedWith).toBe(4400);
    expect(Listener.restore(other.listener.socket)?.cursor).toBe(other.listener.cursor);
    f.publish(1);
    await f.run();
    expect(other.socket.frames).toHaveLength(2);
  });
});

describe("a listener that acknowledges", () => {
  /** The same socket, in an instance that begins anew. */
  function wake(f: HubFixture, { listener }: { listener: Listener }): Listener {
    for (const seat of listener.seats.values()) f.readers.leave(seat);
    const restored = Listener.restore(listener.socket) as Listener;
    for (const seat of restored.seats.values()) f.readers.take(seat);
    return restored;
  }

  const acknowledge = (listener: Listener, { cursor }: { cursor: string }): boolean =>
    listener.acknowledge(cursor, readCursor(cursor) ?? [], 0) && listener.save();

  it("is sent no more ahead for each time that its hub has hibernated", async () => {
    const f = new HubFixture();
    f.log.subscribe();
    const client = f.listen(0, { acknowledges: true, aheadMax: 5 });
    let { listener } = client;
    for (let rounds = 0; rounds < 4; rounds++) {
      f.publish(3);
      await f.run();
      listener = wake(f, { listener });
    }
    const frames = client.socket.frames.map((frame) => JSON.parse(frame));
    expect(frames).toHaveLength(5);
    acknowledge(listener, frames[3]);
    await f.run();
    expect(client.socket.frames).toHaveLength(5);
    acknowledge(listener, frames[4]);
    await f.run();
    expect(client.socket.frames).toHaveLength(10);
  });

  it("has acknowledged all with the last event that it was sent, whatever stood behind that one", async () => {
    const f = new HubFixture();
    f.log.subscribe({ filter: '{"properties":{"channel":{"const":"wanted"}}}' });
    const client = f.listen(0, { acknowledges: true });
    f.log.append({ channel: "wanted" });
    f.publish(3);
    await f.run();
    const listener = wake(f, client);
    acknowledge(listener, JSON.parse(client.socket.frames[0] ?? ""));
    f.publish(3);
    await f.run();
    expect(listener.ackedCursor).toBe(listener.cursor);
  });
});
