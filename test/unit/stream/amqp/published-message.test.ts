import rhea from "rhea";
import { describe, expect, it } from "vitest";
import { readMessage } from "../../../../src/stream/amqp/published-message.ts";

const JSON_TEXT = '{"n":1.0}';
const read = (message: Record<string, unknown>) => readMessage(rhea.message.encode(message));
const { data_section, data_sections, sequence_section } = rhea.message;

describe("a message that a client publishes", () => {
  it.each([
    ["a data section", data_section(Buffer.from(JSON_TEXT))],
    ["several data sections", data_sections([Buffer.from('{"n":'), Buffer.from("1.0}")])],
    ["a string", JSON_TEXT],
    ["binary", Buffer.from(JSON_TEXT)],
  ])("has its bytes as they came in %s", (_, body) => {
    const message = read({ body });
    expect(message.ok && Buffer.from(message.value.body).toString()).toBe(JSON_TEXT);
  });

  it("says key, owner and idempotency key", () => {
    expect(
      read({
        body: "{}",
        group_id: "RO-1",
        content_type: "application/json; charset=utf-8",
        application_properties: { "data-owner-id": "owner", "idempotency-key": "once" },
      }),
    ).toMatchObject({ ok: true, value: { partitionKey: "RO-1", dataOwnerId: "owner", idempotencyKey: "once" } });
  });

  it("says none of them", () => {
    const nothing = { partitionKey: null, dataOwnerId: null, idempotencyKey: null };
    expect(read({ body: "{}" })).toMatchObject({ ok: true, value: nothing });
  });

  it("says its key as clients of Azure do", () => {
    const message = read({ body: "{}", message_annotations: { "x-opt-partition-key": "RO-1" } });
    expect(message).toMatchObject({ ok: true, value: { partitionKey: "RO-1" } });
  });

  it.each([
    ["a list", { body: ["{}"] }, "amqp:not-implemented"],
    ["a sequence", { body: sequence_section(["{}"]) }, "amqp:not-implemented"],
    ["no body", { body: undefined }, "amqp:not-implemented"],
    ["another type", { body: "{}", content_type: "text/plain" }, "amqp:not-implemented"],
    ["an encoding", { body: "{}", content_encoding: "gzip" }, "amqp:not-implemented"],
    ["a key that is a number", { body: "{}", message_annotations: { "x-opt-partition-key": 1 } }, "amqp:invalid-field"],
    ["an owner that is a map", { body: "{}", application_properties: { "data-owner-id": {} } }, "amqp:invalid-field"],
    ["too many values", { body: "{}", application_properties: { a: new Array(3_000).fill(1) } }, "amqp:decode-error"],
  ])("is refused with %s", (_, message, condition) => {
    expect(read(message)).toMatchObject({ ok: false, error: { condition } });
  });

  it.each(["ff", "0053", "005310", "a10161", "005370c10301a1015f"])("is refused as no message: %s", (hex) => {
    expect(readMessage(Buffer.from(hex, "hex")).ok).toBe(false);
  });
});
