import { describe, expect, it } from "vitest";
import { type Found, gatherNeeds } from "../../../src/console/pages/home/needs.ts";
import { findFailing, type Names, type Notice, sayNotice } from "../../../src/console/pages/notices/notice-words.ts";
import { Notice as DomainNotice } from "../../../src/domain/notice.ts";

const NAMES: Names = new Map([["s", "“Desk” (Orders)"]]);

const DATA = {
  ...{ apiId: "a", subscriptionId: "s", channel: "orders", reason: "gone", count: 1, backlog: 2, consentId: "c" },
  ...{ failingSince: "2026-11-20T10:00:00Z", oldestUndeliveredAt: "2026-11-20T10:00:00Z", version: "2.0.0" },
  ...{ breakingChanges: 1, backlogIsExact: false },
};

const TYPES = DomainNotice.options.flatMap((option) => option.shape.type.value);

describe("a notice in words", () => {
  it.each(TYPES.map((type) => [type]))("has a sentence and a page for %s", (type) => {
    const { text, place } = sayNotice({ type, data: DATA, apiTitle: "Orders" }, NAMES);
    expect(text).toMatch(/^[“A-Z0-9].*\.$/);
    expect(text).not.toMatch(/undefined|NaN|Invalid|\ba\b\.$/);
    expect(place).not.toBeNull();
  });

  it("names what it is about as the organization does", () => {
    const said = sayNotice({ type: "delivery.dead", data: { ...DATA, count: 1_200 }, apiTitle: "Orders" }, NAMES);
    expect(said.text).toMatch(/^1.?200 events of “Desk” \(Orders\) were given up\.$/);
    expect(said.place).toEqual({ page: "dead-deliveries", subscriptionId: "s" });
  });

  it("names the API where it has no name of its own for what it is about", () => {
    const said = sayNotice({ type: "subscription.recovered", data: {}, apiTitle: "Orders" }, NAMES);
    expect(said.text).toBe("The subscription to Orders delivers again.");
  });

  it.each([{}, { subscriptionId: 7, count: "many", failingSince: "no time" }])("does without data: %j", (data) => {
    for (const type of TYPES)
      expect(sayNotice({ type, data, apiTitle: null }, NAMES).text).not.toMatch(/undefined|NaN|Invalid/);
  });

  it("of a type that it does not know is its type", () => {
    expect(sayNotice({ type: "moon.full", data: {}, apiTitle: null }, NAMES)).toMatchObject({
      text: "moon.full",
      place: null,
    });
  });
});

const notice = (type: string, subscriptionId: string): Notice => ({
  ...{ id: `${type} ${subscriptionId}`, at: "2026-11-20T10:00:00Z", type, data: { apiId: "a", subscriptionId } },
  apiTitle: "Orders",
});

describe("what fails", () => {
  it("is what was said to fail last, and has not recovered or ended since", () => {
    const failing = findFailing([
      notice("subscription.recovered", "well"),
      notice("subscription.failing", "ill"),
      notice("subscription.disabled", "off"),
      notice("subscription.failing", "off"),
      notice("subscription.failing", "ill"),
      notice("subscription.failing", "well"),
    ]);
    expect(failing.map(({ data }) => data.subscriptionId)).toEqual(["ill"]);
  });
});

const NOTHING: Found = { requests: [], pending: [], subscriptions: [], verdicts: new Map(), notices: [] };

describe("what needs somebody", () => {
  it("is nothing where nothing waits", () => {
    expect(gatherNeeds(NOTHING, NAMES)).toEqual([]);
  });

  it("is who waits for an answer first, then what does not deliver", () => {
    const needs = gatherNeeds(
      {
        ...NOTHING,
        requests: [
          { id: "c", app: { id: "p", name: "App" }, api: { id: "a", title: "Orders" }, subscriberName: "Acme" },
        ],
        pending: [{ id: "q", app: { id: "p", name: "Other" }, apiId: "a", apiTitle: "Orders" }],
        subscriptions: [
          { id: "s", status: "active", apiTitle: "Orders" },
          { id: "d", status: "disabled", apiTitle: "Orders" },
          { id: "u", status: "unverified", apiTitle: "Orders" },
        ],
        verdicts: new Map([["s", { tone: "warn" as const, words: "1 key blocked" }]]),
      },
      NAMES,
    );
    expect(needs.map(({ kind }) => kind)).toEqual(["Consent", "Approval", "Delivery", "Disabled", "Unverified"]);
    expect(needs[2]?.text).toBe("“Desk” (Orders): 1 key blocked.");
  });

  it("is not what failed once, and was paused, deleted or asked since", () => {
    const subscriptions: Found["subscriptions"] = [
      { id: "paused", status: "paused", apiTitle: "Orders" },
      { id: "asked", status: "active", apiTitle: "Orders" },
    ];
    const notices = ["paused", "asked", "gone"].map((id) => notice("subscription.failing", id));
    const verdicts: Found["verdicts"] = new Map([["asked", { tone: "good", words: "all delivered" }]]);
    expect(gatherNeeds({ ...NOTHING, subscriptions, notices, verdicts }, NAMES)).toEqual([]);
    expect(gatherNeeds({ ...NOTHING, subscriptions, notices }, NAMES)).toHaveLength(1);
  });
});
