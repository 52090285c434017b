import { describe, expect, it } from "vitest";
import { BATCH, BINARY, eventOf, OWNER, openPublisher, STRUCTURED } from "./cloud-events.ts";

describe("a CloudEvent", () => {
  it("in binary mode is stored with its attributes, without its source", async () => {
    const { send, stored } = await openPublisher();
    const headers = { ...BINARY, "ce-subject": "caf%C3%A9%201", "ce-partitionkey": "k", "ce-dataowner": OWNER };
    expect((await send({ ...headers, "Event-Hops": "3" }, '{ "n" : 1 }')).status).toBe(200);
    expect(stored()).toMatchObject([
      {
        body: '{ "n" : 1 }',
        contentType: "application/json",
        partitionKey: "k",
        dataOwnerId: OWNER,
        hops: 3,
        cloudEvent: '{"subject":"café 1","type":"order.created"}',
      },
    ]);
    expect(JSON.stringify(stored())).not.toContain("secret-shop");
  });

  it("in structured mode is stored as the bytes of its data", async () => {
    const { send, stored } = await openPublisher();
    const body = `{"data" : {"n": 1.00, "n":2} ,${JSON.stringify(eventOf({ partitionkey: "k", region: 7 })).slice(1)}`;
    const answer = await send(STRUCTURED, body);
    expect(answer).toMatchObject({ status: 200, body: { eventId: expect.any(String) } });
    expect(stored()).toMatchObject([
      {
        body: '{"n": 1.00, "n":2}',
        contentType: "application/json",
        partitionKey: "k",
        cloudEvent: '{"type":"order.created","region":"7"}',
      },
    ]);
    expect(JSON.stringify(stored())).not.toContain("secret-shop");
  });

  it("has the trace of its headers, or else its own: in a batch each event has another", async () => {
    const { send, stored } = await openPublisher();
    const traceparent = (digit: string): string => `00-${digit.repeat(32)}-b7ad6b7169203331-01`;
    const own = { "ce-traceparent": traceparent("a"), "ce-tracestate": "of=own" };
    await send({ ...BINARY, ...own }, "{}");
    await send({ ...BINARY, ...own, "ce-id": "2", traceparent: traceparent("b") }, "{}");
    await send({ ...BINARY, "ce-id": "3", "ce-traceparent": "broken" }, "{}");
    await send(
      BATCH,
      ["c", "d"].map((digit) => eventOf({ id: digit, traceparent: traceparent(digit) })),
    );
    expect(stored().map(({ traceparent, tracestate }) => [traceparent?.slice(3, 4) ?? null, tracestate])).toEqual([
      ["a", "of=own"],
      ["b", null],
      [null, null],
      ["c", null],
      ["d", null],
    ]);
    // What it says of itself goes on as it is.
    expect(stored()[1]?.cloudEvent).toContain(traceparent("a"));
  });

  it("may be any JSON by its type, and has null as data where it has none", async () => {
    const { send, stored } = await openPublisher();
    const type = "application/vnd.order+json; charset=UTF-8";
    expect((await send({ ...BINARY, "Content-Type": type }, "")).status).toBe(200);
    expect((await send(STRUCTURED, eventOf({ datacontenttype: type }))).status).toBe(200);
    expect(stored().map(({ contentType, body }) => [contentType, body])).toEqual([
      [type, "null"],
      [type, "null"],
    ]);
  });

  it("is the same again by its source and id, in each mode and per channel", async () => {
    const { send, stored } = await openPublisher();
    await send(BINARY, '{"n":1}');
    await send(STRUCTURED, eventOf({ data: { n: 1 } }));
    await send(BATCH, [eventOf({ data: { n: 1 } }), eventOf({ id: "2" })]);
    const keys = stored().map(({ idempotency }) => JSON.stringify(idempotency));
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(keys[3]).not.toBe(keys[0]);
  });

  it("is the same again by an Idempotency-Key where there is one", async () => {
    const { send, stored } = await openPublisher();
    await send({ ...BINARY, "Idempotency-Key": "k" }, '{"n":1}');
    await send({ "Idempotency-Key": "k" }, '{"n":1}');
    await send({ ...BATCH, "Idempotency-Key": "k" }, [eventOf(), eventOf()]);
    const keys = stored().map(({ idempotency }) => idempotency?.key);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(3);
  });

  it.each<[string, Record<string, string>, unknown, number, string | undefined]>([
    ["no id", { ...BINARY, "ce-id": "" }, "{}", 400, "/id"],
    ["another version", { ...BINARY, "ce-specversion": "0.3" }, "{}", 400, "/specversion"],
    ["an injected header", { ...BINARY, "ce-e": "a%0d%0ab" }, "{}", 400, "/e"],
    [
      "a content type said twice",
      { ...BINARY, "ce-datacontenttype": "application/json" },
      "{}",
      400,
      "/datacontenttype",
    ],
    [
      "another key than the header",
      { ...BINARY, "ce-partitionkey": "a", partitionKey: "b" },
      "{}",
      400,
      "/partitionkey",
    ],
    [
      "another owner than the header",
      { ...STRUCTURED, "Data-Owner-Id": crypto.randomUUID() },
      eventOf({ dataowner: OWNER }),
      400,
      "/dataowner",
    ],
    ["a body that is no JSON", BINARY, "{", 400, undefined],
    ["data in XML", { ...BINARY, "Content-Type": "application/xml" }, "<a/>", 415, undefined],
    [
      "data said to be XML",
      STRUCTURED,
      eventOf({ datacontenttype: "application/xml", data: "<a/>" }),
      415,
      "/datacontenttype",
    ],
    [
      "data in Latin 1",
      STRUCTURED,
      eventOf({ datacontenttype: "application/json; charset=latin1" }),
      415,
      "/datacontenttype",
    ],
    ["another format", { "Content-Type": "application/cloudevents+avro" }, "{}", 415, undefined],
    [
      "another format, with headers too",
      { ...BINARY, "Content-Type": "application/cloudevents+xml" },
      "{}",
      415,
      undefined,
    ],
    ["base64 that is no JSON", STRUCTURED, eventOf({ data_base64: btoa("<a/>") }), 400, undefined],
    ["base64 that is no UTF-8", STRUCTURED, eventOf({ data_base64: btoa("\xff") }), 400, undefined],
    ["no object", STRUCTURED, "[]", 400, ""],
    ["two values of data", STRUCTURED, `{"data":1,${JSON.stringify(eventOf({ data: 2 })).slice(1)}`, 400, "/data"],
    ["a prototype", STRUCTURED, `{"__proto__":{"id":"1"},${JSON.stringify(eventOf()).slice(1)}`, 400, "/__proto__"],
    ["a name of a megabyte", STRUCTURED, eventOf({ ["N".repeat(1_000_000)]: "x" }), 400, `/${"N".repeat(64)}`],
    ["a huge attribute", STRUCTURED, eventOf({ subject: "x".repeat(9_000) }), 400, ""],
    ["a name that a pointer escapes", STRUCTURED, eventOf({ "a/b~": "x" }), 400, "/a~1b~0"],
  ])("with %s is refused, and nothing is stored", async (_, headers, body, status, path) => {
    const { send, calls } = await openPublisher();
    const before = calls.length;
    const answer = await send(headers, body);
    expect(answer).toMatchObject({ status, body: path === undefined ? {} : { errors: [{ path }] } });
    expect(JSON.stringify(answer.body).length).toBeLessThan(2_000);
    expect(calls.length).toBe(before);
  });

  it("whose type says that it is one counts as that, whatever its headers say; other headers alone make none", async () => {
    const { send, stored } = await openPublisher();
    await send({ ...BINARY, ...STRUCTURED, "ce-type": "of-header" }, eventOf({ type: "of-body" }));
    await send({ "ce-id": "1", "ce-type": "t" }, "{}");
    expect(stored().map(({ cloudEvent }) => cloudEvent)).toEqual(['{"type":"of-body"}', null]);
  });
});
