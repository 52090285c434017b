import { describe, expect, it } from "vitest";
import { KNOWN_ACTIONS, pageOf, sayAction, sayActor } from "../../../src/console/pages/audit/audit-words.ts";
import { chosenEnd, endOfDay, readFilter, stateOf, toDay } from "../../../src/console/pages/consents/consent-words.ts";
import { createApp } from "../../../src/http/app.ts";
import type { LogControls } from "../../../src/topic/client.ts";

type Described = { paths: Record<string, Record<string, { description?: string }>> };

/** What the relay's own document says that its calls do, of those that change something. */
async function listWrittenActions(): Promise<string[]> {
  const app = createApp({ clock: { now: Date.now }, logsOf: () => ({}) as LogControls });
  const answer = await app.request("/openapi.json", {}, { RELAY_ORIGIN: "https://relay.example" });
  const { paths } = (await answer.json()) as Described;
  const operations = Object.values(paths).flatMap((item) => Object.entries(item));
  const actions = operations.flatMap(([method, { description = "" }]) => {
    const action = /^([a-z-]+\.[a-z-]+): /.exec(description)?.[1];
    return method !== "get" && action !== undefined ? [action] : [];
  });
  return [...new Set(actions)].filter((action) => !WRITES_NOTHING.has(action));
}

/** What changes nothing, and what is written down as a grant. */
const WRITES_NOTHING = new Set(["document.lint", "subscription.pull", "consent.give"]);

const NOON_MS = Date.parse("2026-11-20T12:00:00Z");

describe("a consent's state", () => {
  it("is over once its time is, although nobody took it back", () => {
    const expiresAt = "2026-11-20T12:00:00Z";
    expect(stateOf({ status: "granted", expiresAt }, NOON_MS - 1)).toBe("granted");
    expect(stateOf({ status: "granted", expiresAt }, NOON_MS)).toBe("expired");
    expect(stateOf({ status: "revoked", expiresAt }, NOON_MS)).toBe("revoked");
    expect(stateOf({ status: "granted", expiresAt: null }, NOON_MS)).toBe("granted");
  });

  it("is filtered by what an address asks for, and by nothing where it asks for what there is not", () => {
    expect(readFilter("granted")).toBe("granted");
    expect(readFilter("' OR 1=1")).toBeUndefined();
  });
});

describe("the end of a consent", () => {
  const asked = "2026-12-24T10:30:00.000Z";

  it("is that of the day that was picked, on the clock of whoever picks it", () => {
    expect(chosenEnd("2026-12-01", null)).toBe(endOfDay("2026-12-01"));
    expect(toDay(endOfDay("2026-12-01"))).toBe("2026-12-01");
    expect(chosenEnd("", null)).toBeNull();
  });

  it("is never later than what was asked for, not by hours", () => {
    expect(chosenEnd(toDay(asked), asked)).toBe(asked);
    expect(chosenEnd("2027-01-01", asked)).toBe(asked);
    expect(chosenEnd("", asked)).toBe(asked);
    expect(chosenEnd("2026-12-01", asked)).toBe(endOfDay("2026-12-01"));
  });
});

describe("the audit in words", () => {
  it("names who did it where their name is known, and else what they are", () => {
    const names = new Map([["member:1", "Ada"]]);
    expect(sayActor("member:1", names)).toBe("Ada");
    const others = ["operator", "relay", "member:2", "token:3", "portal:4", "organization:5"];
    expect(new Set(others.map((actor) => sayActor(actor, names))).size).toBe(others.length);
  });

  it("says every action that the management API writes down", async () => {
    const written = await listWrittenActions();
    expect(written.length).toBeGreaterThan(30);
    expect(written.filter((action) => sayAction(action) === action)).toEqual([]);
    expect(sayAction("moon.rise")).toBe("moon.rise");
  });

  it("leads to the page of the thing, where this organization has one", () => {
    const page = (action: string, actor = "token:1") => pageOf({ action, actor });
    expect(page("subscription.pause")).toBe("subscription");
    expect(page("subscription.pause", "organization:2")).toBeNull();
    expect(page("subscription.approve")).toBeNull();
    expect(page("subscription.approve", "organization:2")).toBe("subscription");
    expect(page("api.update", "organization:2")).toBeNull();
    expect(page("consent.revoke", "organization:2")).toBe("consent");
    expect(KNOWN_ACTIONS.filter((action) => action.endsWith(".delete")).map((action) => page(action))).toEqual(
      KNOWN_ACTIONS.filter((action) => action.endsWith(".delete")).map(() => null),
    );
  });
});
