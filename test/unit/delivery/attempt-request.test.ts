import { describe, expect, it } from "vitest";
import { attemptMessage, headerText, readStaticHeaders, type Sender } from "../../../src/delivery/attempt-request.ts";
import type { StoredEvent } from "../../../src/domain/event.ts";
import { DeliveryFormat } from "../../../src/domain/subscription.ts";
import { makeEvent, SOURCE } from "../../support/deliveries.ts";

const sender: Sender = {
  sourceOrganizationId: SOURCE,
  token: "jwt",
  userAgent: "event-relay/1",
  relayOrigin: "https://relay.example.com",
  staticHeaders: {},
};

const headersOf = (format: DeliveryFormat, event: StoredEvent) =>
  attemptMessage({ format, structured: false }, sender, event).headers;

describe("headerText", () => {
  it.each(["", "a", "VIN-1", "a b", "100%", "%C3%A9", "a=b; c", '"quoted"', "~!@#$%^&*()"])(
    "leaves the printable %j as it is",
    (text) => expect(headerText(text)).toBe(text),
  );

  it.each([
    ["é", "%C3%A9"],
    ["ключ 1", "%D0%BA%D0%BB%D1%8E%D1%87%201"],
    ["😀", "%F0%9F%98%80"],
    ["é%", "%C3%A9%25"],
    ["a\r\nX-Injected: 1", "a%0D%0AX-Injected:%201"],
    ["a\u0000b", "a%00b"],
    ["a\tb", "a%09b"],
    ["a\u007f", "a%7F"],
    [" a", "%20a"],
    ["a ", "a%20"],
    [" ", "%20"],
    ["\ud800", "%EF%BF%BD"],
    ["x\udc00y", "x%EF%BF%BDy"],
    ["\u2028", "%E2%80%A8"],
  ])("encodes %j, which receivers would reject or misread", (text, expected) => {
    expect(headerText(text)).toBe(expected);
    expect(decodeURIComponent(expected)).toBe(text.toWellFormed());
  });

  it("always gives what a header can carry", () => {
    for (let code = 0; code < 0x11000; code += 7) {
      const headers = new Headers({ x: headerText(`a${String.fromCodePoint(code)}`) });
      expect(headers.get("x")).toMatch(/^[\x20-\x7e]+$/);
    }
  });
});

describe("readStaticHeaders", () => {
  it("keeps the permitted ones, values made safe, and drops the rest", () => {
    const headers = readStaticHeaders({
      "X-Api-Key": "s3cret",
      Authorization: "Basic x",
      "webhook-id": "forged",
      "bad name": "x",
      "X-Split": "a\r\nb: c",
    });
    expect(headers).toEqual({ "x-api-key": "s3cret", "x-split": "a%0D%0Ab:%20c" });
  });

  it("survives a header called __proto__", () => {
    const headers = readStaticHeaders(JSON.parse('{"__proto__":"x","X-A":"1"}'));
    expect(Object.keys(headers)).toEqual(["__proto__", "x-a"]);
  });
});

describe("the message of an attempt", () => {
  const full: Partial<StoredEvent> = {
    partitionKey: "VIN-1",
    dataOwnerId: "22222222-2222-4222-8222-222222222222",
    originRequestId: "origin-7",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    tracestate: "rojo=1,congo=2",
    contentType: "application/json; charset=utf-8",
  };
  const everyFormat = {
    "content-type": "application/json; charset=utf-8",
    authorization: "Bearer jwt",
    "user-agent": "event-relay/1",
    "x-request-id": "11111111-1111-4111-8111-111111111111",
    "event-hops": "1",
    "webhook-request-origin": "relay.example.com",
    traceparent: full.traceparent,
    tracestate: full.tracestate,
    "origin-request-id": "origin-7",
  };

  it("says channel, key and owner in format standard", () => {
    expect(headersOf("standard", makeEvent(full))).toEqual({
      ...everyFormat,
      "event-channel": "vehicles/updated",
      "data-owner-id": full.dataOwnerId,
      "partition-key": "VIN-1",
    });
  });

  it("says the publisher's organization and the time of acceptance in format fortellis, and no key", () => {
    expect(headersOf("fortellis", makeEvent(full))).toEqual({
      ...everyFormat,
      "data-owner-id": full.dataOwnerId,
      "fortellis-event-id": "019a3c7e-0000-7000-8000-000000000001",
      "source-owner-id": SOURCE,
      deliveredtimestamp: "2026-10-05T11:59:58.123Z",
    });
  });

  it("leaves out what the event does not have", () => {
    expect(Object.keys(headersOf("standard", makeEvent())).sort()).toEqual([
      "authorization",
      "content-type",
      "event-channel",
      "event-hops",
      "user-agent",
      "webhook-request-origin",
      "x-request-id",
    ]);
  });

  it("stands the request id in for the origin's in format fortellis only", () => {
    const event = makeEvent();
    expect(headersOf("fortellis", event)["origin-request-id"]).toBe(event.requestId);
    expect(headersOf("standard", event)).not.toHaveProperty("origin-request-id");
  });

  it("counts this relay among those that the event has been through, in every format", () => {
    for (const format of DeliveryFormat.options) {
      expect(headersOf(format, makeEvent({ hops: 3 }))["event-hops"]).toBe("4");
    }
  });

  it("sends the published bytes in every format but a structured one", () => {
    const event = makeEvent({ body: new Uint8Array([0x7b, 0x0d, 0x0a, 0x00, 0xff, 0x7d]) });
    for (const format of DeliveryFormat.options) {
      expect(attemptMessage({ format, structured: false }, sender, event).body).toBe(event.body);
    }
  });

  it("makes every text of the event safe", () => {
    const odd = "x\r\nInjected: 1 é \u0000 \ud800";
    const event = makeEvent({
      channel: odd,
      partitionKey: odd,
      dataOwnerId: odd,
      requestId: odd,
      originRequestId: odd,
      traceparent: odd,
      contentType: odd,
    });
    for (const format of DeliveryFormat.options) {
      for (const [name, value] of new Headers(headersOf(format, event))) {
        expect(`${name}: ${value}`).toMatch(/^[\x20-\x7e]+$/);
        expect(name).not.toBe("injected");
      }
    }
  });
});
