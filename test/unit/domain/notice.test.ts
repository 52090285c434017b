import { beforeAll, describe, expect, it } from "vitest";
import type { ApiDocument } from "../../../src/asyncapi/api-document.ts";
import { readDocument } from "../../../src/asyncapi/lint-document.ts";
import { channelOf, NOTICE_ADDRESS, Notice, subjectOf } from "../../../src/domain/notice.ts";
import { readSpec } from "../../support/specs.ts";

type Channel = ApiDocument["channels"][number];
let notices: Channel;
let diagnostics: unknown[];

beforeAll(async () => {
  const document = await readDocument(readSpec("relay.asyncapi.yaml"));
  if (!document.ok) throw new Error(JSON.stringify(document.error));
  diagnostics = document.value.diagnostics;
  const channel = document.value.api.channels.find(({ address }) => address === NOTICE_ADDRESS);
  if (!channel) throw new Error("the document has no such channel");
  notices = channel;
  // The first document loads AsyncAPI's parser.
}, 60_000);

const TYPES = Notice.options.map(({ shape }) => shape.type.value);

describe("the relay's own document", () => {
  it("has nothing that a linter would say of it", () => {
    expect(diagnostics).toEqual([]);
  });

  it("describes each notice that there is, and no other", () => {
    expect(notices.messages.map(({ name }) => name).sort()).toEqual(TYPES.toSorted());
    expect(notices.parameters).toMatchObject([{ name: "notice", schema: { enum: expect.arrayContaining(TYPES) } }]);
    expect(TYPES.length).toBeGreaterThan(10);
  });

  it("shows an example of each, with all that the notice has and nothing else", () => {
    for (const { name, examples } of notices.messages) {
      const [example] = examples as { type: string; timestamp: string; data: object }[];
      const { type, data } = Notice.parse(example);
      expect(type).toBe(name);
      expect(example?.data).toEqual(data);
      expect(Date.parse(example?.timestamp ?? "")).toBeGreaterThan(0);
    }
  });
});

describe("a notice", () => {
  const ids = { apiId: "api", subscriptionId: "subscription" };

  it("is published to the path of its type", () => {
    const notice: Notice = { type: "subscription.disabled", data: { ...ids, reason: "gone" } };
    expect(channelOf(notice)).toBe("relay/notices/subscription.disabled");
  });

  it("keeps its order among those about the same subscription, or else about the same API", () => {
    const consent = { ...ids, consentId: "consent", dataOwnerId: "owner" };
    expect(subjectOf({ type: "consent.revoked", data: consent })).toBe("subscription");
    expect(subjectOf({ type: "subscription.recovered", data: { ...ids, channel: null, failingSince: null } })).toBe(
      "subscription",
    );
    expect(subjectOf({ type: "api.version.breaking", data: { apiId: "api", version: "2", breakingChanges: 1 } })).toBe(
      "api",
    );
  });
});
