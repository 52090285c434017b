import { createParser, type EventSourceMessage } from "eventsource-parser";
import { describe, expect, it } from "vitest";
import type { LiveEvent } from "../../../../src/domain/live.ts";
import { utf8Bytes } from "../../../../src/kernel/encoding.ts";
import { eventBlock, heartbeat, openingBlock } from "../../../../src/stream/sse/event-stream.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

const eventOf = (body: string, fields: Partial<LiveEvent> = {}): LiveEvent => ({
  ...{ cursor: "AQ", id: "e", apiId: "a", channel: "orders", partitionKey: null, dataOwnerId: null, acceptedMs: 0 },
  body: utf8Bytes(body),
  ...fields,
});

/** What a client makes of a stream. */
function parse(...blocks: Uint8Array[]) {
  const events: EventSourceMessage[] = [];
  const other: unknown[] = [];
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onRetry: (ms) => other.push(ms),
    onError: (error) => other.push(error),
    onComment: () => other.push("comment"),
  });
  for (const block of blocks) parser.feed(decoder.decode(block));
  return { events, other };
}

describe("an event stream", () => {
  it("begins with the time until a retry, and an id that dispatches nothing", () => {
    expect(parse(openingBlock("AQ"))).toEqual({ events: [], other: [2_000] });
    expect(decoder.decode(openingBlock("AQ"))).toContain("\nid: AQ\n\n");
  });

  it("has comments that dispatch nothing", () => {
    expect(parse(heartbeat(), heartbeat())).toEqual({
      events: [],
      other: ["comment", "comment"],
    });
  });

  it.each([
    ["JSON of one line", '{"a":1}'],
    ["line ends of all kinds", '{\n"a":\r1,\r\n"b":2}\n\n'],
    ["what looks like fields", '"x"\nid: 666\nevent: forged\nretry: 1\ndata: y'],
    ["spaces in front of lines", '{\n  "a":  1\n}'],
    ["a byte order mark", '\ufeff"x"'],
    ["separators that JSON allows", '"\u2028\u2029\u0085"'],
    ["nothing", ""],
  ])("carries a body line by line: %s", (_, body) => {
    const { events, other } = parse(eventBlock(eventOf(body)));
    expect(other).toEqual([]);
    expect(events).toEqual([{ id: "AQ", event: "orders", data: body.replaceAll(/\r\n|\r/g, "\n") }]);
  });
});
