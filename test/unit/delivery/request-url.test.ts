import { describe, expect, it } from "vitest";
import { requestUrl, splitEndpoint } from "../../../src/delivery/request-url.ts";

describe("requestUrl", () => {
  const urlOf = (endpoint: string, channel: string, eventPath: "event" | null = null): string =>
    requestUrl(splitEndpoint(new URL(endpoint), { format: "fortellis", eventPath }), channel);

  it.each(["standard", "cloudevents"] as const)("is the endpoint as registered in format %s", (format) => {
    const url = splitEndpoint(new URL("https://h.example/in/?a=1"), { format, eventPath: null });
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
