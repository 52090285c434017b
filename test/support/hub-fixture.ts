import { deserialize, serialize } from "node:v8";
import type { FeedCall } from "../../src/domain/feed.ts";
import type { ListenedTopic } from "../../src/domain/live.ts";
import { readLogName } from "../../src/domain/topic.ts";
import type { ListenerAbout } from "../../src/hub/attachment.ts";
import { Listener } from "../../src/hub/listener.ts";
import { LogReaders } from "../../src/hub/log-readers.ts";
import { ok } from "../../src/kernel/result.ts";
import { readFeed } from "../../src/topic/feed/read-feed.ts";
import { LogFixture } from "./log-fixture.ts";

const ATTACHMENT_BYTES_MAX = 16_384; // of a socket in workerd

/** A hub's end of a socket whose client answers nothing, not even that it is closed. */
class DeadSocket {
  readonly frames: string[] = [];
  closedWith: number | null = null;
  #attachment: Uint8Array | null = null;

  get readyState(): number {
    return this.closedWith === null ? WebSocket.OPEN : WebSocket.CLOSING;
  }

  send(frame: string): void {
    if (this.closedWith !== null) throw new TypeError("can't send after close");
    this.frames.push(frame);
  }

  close(code: number): void {
    this.closedWith ??= code;
  }

  serializeAttachment(value: unknown): void {
    const bytes = serialize(value);
    if (bytes.length > ATTACHMENT_BYTES_MAX) throw new Error("the attachment is too large");
    this.#attachment = bytes;
  }

  deserializeAttachment(): unknown {
    return this.#attachment && deserialize(this.#attachment);
  }
}

/** Listeners of a hub, and the logs of one topic that they listen to. */
export class HubFixture {
  readonly logs = [new LogFixture()];
  /** Each reading of a log, as it is made. */
  readonly calls: FeedCall[] = [];
  /** What happens while a page is on its way. */
  underWay: () => void = () => undefined;
  readonly readers: LogReaders;

  constructor() {
    this.readers = new LogReaders({
      hub: "hub",
      nowMs: () => this.log.nowMs,
      run: (readers) => void Promise.all(readers.map((reader) => reader.run())),
      logs: {
        readFeed: async (name, call) => {
          this.calls.push(call);
          const page = readFeed((this.logs[readLogName(name).shard] as LogFixture).log, call);
          this.underWay();
          return ok(page);
        },
      },
    });
  }

  get log(): LogFixture {
    return this.logs[0] as LogFixture;
  }

  publish(count: number): void {
    this.log.appendAll(Array.from({ length: count }, () => this.log.event()));
  }

  topic(subscriptionId = "s"): ListenedTopic {
    return { apiId: "api", subscriptionId, topicId: "topic", topicNumber: 1, channels: null };
  }

  /** A listener behind a place in the first log. */
  listen(
    seq: number,
    about: Partial<ListenerAbout> = {},
    topic: ListenedTopic = this.topic(),
  ): { listener: Listener; socket: DeadSocket } {
    const socket = new DeadSocket();
    const listener = new Listener(socket as unknown as WebSocket, {
      ...{ form: "client", clientId: null, consumer: null, acknowledges: false, hintsOnly: false, onGap: "refuse" },
      ...about,
    });
    this.readers.seat(listener, [{ topic, shard: 0, seq }]);
    return { listener, socket };
  }

  /** Reads all logs to their ends. */
  async run(): Promise<void> {
    await Promise.all(this.readers.all().map((reader) => reader.run()));
  }
}
