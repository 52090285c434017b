import { describe, expect, it } from "vitest";
import type { ListenedTopic } from "../../../src/domain/live.ts";
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
