import { describe, expect, it } from "vitest";
import type { LiveEvent } from "../../../../src/domain/live.ts";
import { EventStream } from "../../../../src/http/streams/event-source.ts";
import type { HubLink } from "../../../../src/hub/link.ts";
import { STREAM_STALE_MS } from "../../../../src/kernel/limits.ts";
import { err, ok } from "../../../../src/kernel/result.ts";

const decoder = new TextDecoder();

const eventOf = (cursor: string): LiveEvent => ({
  ...{ cursor, id: cursor, apiId: "api", channel: "orders", partitionKey: null, dataOwnerId: "owner", acceptedMs: 0 },
  body: new TextEncoder().encode(`"${cursor}"`),
});

/** A client that reads block by block, and the links that its stream has had. */
class Stage {
  nowMs = 0;
  opened: string[] = [];
  closed = 0;
  /** What a link that is opened later gives. */
  later: LiveEvent[] | "refused" = [];
  readonly stream: EventStream;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor() {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.#reader = readable.getReader();
    this.stream = new EventStream(writable.getWriter(), {
      nowMs: () => this.nowMs,
      openAfter: async (cursor) => {
        this.opened.push(cursor);
        if (this.later === "refused") return err("refused");
        for (const event of this.later) this.stream.send(event);
        return ok(this.#link(cursor));
      },
    });
    this.stream.begin(this.#link("c0"));
  }

  async read(): Promise<string | null> {
    const { value } = await this.#reader.read();
    return value ? (/^id: (\S+)$/m.exec(decoder.decode(value))?.[1] ?? "") : null;
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }

  #link(cursor: string): HubLink {
    const nothing = () => undefined;
    return {
      ...{ kept: null, cursor, listen: async () => undefined, leave: nothing, ack: nothing, keep: nothing },
      ...{ forget: nothing, close: () => void this.closed++ },
    };
  }
}

describe("an event stream whose client reads slowly", () => {
  it("reads what has waited for long again: a consent may have been withdrawn meanwhile", async () => {
    const stage = new Stage();
    for (const cursor of ["c1", "c2", "c3", "c4"]) stage.stream.send(eventOf(cursor));
    expect([await stage.read(), await stage.read()]).toEqual(["c0", "c1"]);
    stage.nowMs += STREAM_STALE_MS + 1;
    stage.later = [eventOf("c3"), eventOf("c4")];
    expect([await stage.read(), await stage.read()]).toEqual(["c3", "c4"]);
    expect([stage.opened, stage.closed]).toEqual([["c1"], 1]);
  });

  it("ends where it cannot be read again, and is left where the client has gone", async () => {
    const stage = new Stage();
    stage.later = "refused";
    for (const cursor of ["c1", "c2", "c3"]) stage.stream.send(eventOf(cursor));
    expect(await stage.read()).toBe("c0");
    stage.nowMs += STREAM_STALE_MS + 1;
    expect(await stage.read()).toBeNull();
    const gone = new Stage();
    for (const cursor of ["c1", "c2", "c3"]) gone.stream.send(eventOf(cursor));
    await gone.read();
    await gone.leave();
    expect(gone.closed).toBeGreaterThan(0);
  });
});
