import type { FeedCall, FeedPage } from "../../src/domain/feed.ts";
import type { ListenedTopic } from "../../src/domain/live.ts";
import type { TailCall, TailPage } from "../../src/domain/tail.ts";
import { readLogName } from "../../src/domain/topic.ts";
import { findPlaces, type PlaceOfTopic } from "../../src/hub/places.ts";
import { DAY_MS } from "../../src/kernel/limits.ts";
import { err, ok } from "../../src/kernel/result.ts";
import type { Answered } from "../../src/topic/client.ts";
import { readFeed } from "../../src/topic/feed/read-feed.ts";
import { readTail } from "../../src/topic/feed/read-tail.ts";
import { inherit } from "../../src/topic/shards/inherit.ts";
import { LogFixture } from "./log-fixture.ts";

export const TOPIC: ListenedTopic = {
  ...{ apiId: "api", subscriptionId: "s", topicId: "topic", topicNumber: 7, channels: null },
};

/** The logs of one topic, as a reader reaches them; it subscribes as `s`. */
export class LogsOfShards {
  readonly shards: LogFixture[] = [new LogFixture()];
  /** Called before each page is read. */
  beforeRead: () => void = () => undefined;
  reads = 0;
  #isDown = false;

  constructor() {
    this.first.subscribe();
  }

  get first(): LogFixture {
    return this.at(0);
  }

  at(shard: number): LogFixture {
    const found = this.shards[shard];
    if (!found) throw new Error(`there is no shard ${shard}`);
    return found;
  }

  /** The second log takes its keys over from the first. */
  async grow(): Promise<LogFixture> {
    const second = new LogFixture({ shard: 1 });
    await inherit(second.log, this.first.asPredecessor);
    this.shards.push(second);
    return second;
  }

  readFeed = (log: string, call: FeedCall): Answered<FeedPage> =>
    this.#read(log, (fixture) => readFeed(fixture.log, call));

  readTail = (log: string, call: TailCall): Answered<TailPage> =>
    this.#read(log, (fixture) => readTail(fixture.log, call));

  fail(): void {
    this.#isDown = true;
  }

  /** Each page takes a day. */
  slowDown(): void {
    this.beforeRead = () => {
      this.first.nowMs += DAY_MS;
    };
  }

  async locate(after: string | null, from: "latest" | "earliest"): Promise<PlaceOfTopic[]> {
    const places = await findPlaces({
      logs: this,
      topics: [TOPIC],
      start: { after, from },
      onGap: "refuse",
      kept: null,
    });
    if (!places.ok) throw new Error(places.error.reason);
    return places.value;
  }

  async #read<T>(log: string, read: (fixture: LogFixture) => T): Answered<T> {
    this.reads++;
    this.beforeRead();
    return this.#isDown ? err({ reason: "log_unavailable" }) : ok(read(this.at(readLogName(log).shard)));
  }
}

export type Line = { id?: string; cursor?: string; more?: boolean; partitionKey?: string };

/** All lines that a reader gives. */
export async function linesOf(reader: AsyncGenerator<string>): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const text of reader)
    lines.push(
      ...text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    );
  return lines;
}
