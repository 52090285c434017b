import { describe, expect, it } from "vitest";
import {
  headerText,
  readStaticHeaders,
  requestHeaders,
  requestUrl,
  splitEndpoint,
} from "../../../src/delivery/attempt-request.ts";
import type { StoredEvent } from "../../../src/domain/event.ts";
import { makeEvent, SOURCE } from "../../support/deliveries.ts";

const sender = { sourceOrganizationId: SOURCE, token: "jwt", userAgent: "event-relay/1", staticHeaders: {} };

describe("requestUrl", () => {
  const urlOf = (endpoint: string, channel: string, eventPath: "event" | null = null): string =>
    requestUrl(splitEndpoint(new URL(endpoint), { format: "fortellis", eventPath }), channel);

  it("is the endpoint as registered in format standard", () => {
    const url = splitEndpoint(new URL("https://h.example/in/?a=1"), { format: "standard", eventPath: null });
    expect(requestUrl(url, "vehicles/updated")).toBe("https://h.example/in/?a=1");
  });

  it.each([
    ["https://h.example/in", "vehicles", "https://h.example/in/event/vehicles"],
    ["https://h.example/in/", "vehicles", "https://h.example/in/event/vehicles"],
    ["https://h.example", "vehicles", "https://h.example/event/vehicles"],
    ["https://h.example/", "vehicles", "https://h.example/event/vehicles"],
    ["https://h.example:8443/in", "a/b/c", "https://h.example:8443/in/event/a/b/c"],
    ["https://h.example/in?token=a%2Fb&x", "a/b", "https://h.example/in/event/a/b?token=a%2Fb&x"],
    ["https://h.example?x=/y/", "a", "https://h.example/event/a?x=/y/"],
    ["http://[::1]:9000/in", "a", "http://[::1]:9000/in/event/a"],
  ])("puts the channel behind the path of %s in format fortellis", (endpoint, channel, expected) => {
    expect(urlOf(endpoint, channel)).toBe(expected);
  });

  it("leaves the channel out where the subscription wants only /event", () => {
    expect(urlOf("https://h.example/in?x=1", "a/b", "event")).toBe("https://h.example/in/event?x=1");
  });

  it.each([
    ["a b", "a%20b"],
    ["a?b=c#d", "a%3Fb%3Dc%23d"],
    ["100%", "100%25"],
    ["a%2Fb", "a%252Fb"],
    ["naïve/漢字", "na%C3%AFve/%E6%BC%A2%E5%AD%97"],
    ["a\\b", "a%5Cb"],
    ["a\r\nHost: evil", "a%0D%0AHost%3A%20evil"],
    ["a//b", "a//b"],
    ["..", "%252E%252E"],
    ["../../admin", "%252E%252E/%252E%252E/admin"],
    ["a/./b", "a/%252E/b"],
    ["...", "..."],
    ["%2e%2e", "%252e%252e"],
    ["\ud800", "%EF%BF%BD"],
  ])("writes the channel %j so that no URL parser reads it otherwise", (channel, expected) => {
    const url = urlOf("https://h.example/in", channel);
    expect(url).toBe(`https://h.example/in/event/${expected}`);
    expect(new URL(url).href).toBe(url);
  });
});

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

describe("requestHeaders", () => {
  const full: Partial<StoredEvent> = {
    partitionKey: "VIN-1",
    dataOwnerId: "22222222-2222-4222-8222-222222222222",
    originRequestId: "origin-7",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    contentType: "application/json; charset=utf-8",
  };
  const everyFormat = {
    "content-type": "application/json; charset=utf-8",
    authorization: "Bearer jwt",
    "user-agent": "event-relay/1",
    "x-request-id": "11111111-1111-4111-8111-111111111111",
    traceparent: full.traceparent,
    "data-owner-id": full.dataOwnerId,
    "origin-request-id": "origin-7",
  };

  it("says channel, key and owner in format standard", () => {
    expect(requestHeaders("standard", sender, makeEvent(full))).toEqual({
      ...everyFormat,
      "event-channel": "vehicles/updated",
      "partition-key": "VIN-1",
    });
  });

  it("says the publisher's organization and the time of acceptance in format fortellis, and no key", () => {
    expect(requestHeaders("fortellis", sender, makeEvent(full))).toEqual({
      ...everyFormat,
      "fortellis-event-id": "019a3c7e-0000-7000-8000-000000000001",
      "source-owner-id": SOURCE,
      deliveredtimestamp: "2026-10-05T11:59:58.123Z",
    });
  });

  it("leaves out what the event does not have", () => {
    expect(Object.keys(requestHeaders("standard", sender, makeEvent())).sort()).toEqual(
      ["authorization", "content-type", "event-channel", "user-agent", "x-request-id"].sort(),
    );
  });

  it("stands the request id in for the origin's in format fortellis only", () => {
    const event = makeEvent();
    expect(requestHeaders("fortellis", sender, event)["origin-request-id"]).toBe(event.requestId);
    expect(requestHeaders("standard", sender, event)).not.toHaveProperty("origin-request-id");
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
    for (const format of ["standard", "fortellis"] as const) {
      for (const [name, value] of new Headers(requestHeaders(format, sender, event))) {
        expect(`${name}: ${value}`).toMatch(/^[\x20-\x7e]+$/);
        expect(name).not.toBe("injected");
      }
    }
  });
});
