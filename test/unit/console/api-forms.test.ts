import { describe, expect, it } from "vitest";
import type { Api } from "../../../src/console/pages/apis/api-types.ts";
import { draftOfSearch, isSearch, searchOfDraft, toQuery } from "../../../src/console/pages/apis/event-search.ts";
import { changesOf, draftOf, faultOfDays } from "../../../src/console/pages/apis/settings/settings.ts";
import { countBreaking, gravestFirst, sayChanges } from "../../../src/console/pages/versions/changes.ts";

const api = {
  ...{ visibility: "private", access: "open", approval: "auto", validation: "off" },
  ...{ retentionDays: 30, maxUndeliveredDays: null },
  ...{ documentation: null, support: "mailto:help@example.com", pricing: null, terms: null },
} as unknown as Api;

describe("the settings of an API", () => {
  it("send nothing that stays as it is", () => {
    expect(changesOf(api, draftOf(api))).toEqual({});
  });

  it("send what was changed, empty texts as none", () => {
    const draft = { ...draftOf(api), validation: "enforce" as const, maxUndeliveredDays: "7", support: " " };
    expect(changesOf(api, draft)).toEqual({ validation: "enforce", maxUndeliveredDays: 7, support: null });
  });

  it.each(["0", "-1", "1.5", "3651", "many", ""])("take no %j days", (text) => {
    expect(faultOfDays(text, { isOptional: false })).toMatch(/whole number/);
  });

  it("take days, and none where none are needed", () => {
    expect(faultOfDays("3650", { isOptional: false })).toBeUndefined();
    expect(faultOfDays("", { isOptional: true })).toBeUndefined();
  });
});

describe("a search among events", () => {
  it("is what its address says, and back again", () => {
    const search = { channel: "orders", from: "2026-03-01T08:30:00.000Z", to: "2026-03-02T00:00:00.000Z" };
    expect(searchOfDraft(draftOfSearch(search))).toEqual(search);
    expect(isSearch(search)).toBe(true);
  });

  it("keeps a time to the second", () => {
    const search = { from: "2026-03-02T10:20:30.000Z" };
    expect(searchOfDraft(draftOfSearch(search))).toEqual(search);
  });

  it("leaves out what is empty", () => {
    expect(searchOfDraft(draftOfSearch({}))).toEqual({});
    expect(isSearch({})).toBe(false);
  });

  it("asks the relay for no time that is none", () => {
    expect(toQuery({ channel: "orders", from: "yesterday", to: "2026-03-02T00:00:00Z" })).toEqual({
      channel: "orders",
      to: "2026-03-02T00:00:00Z",
    });
    expect(draftOfSearch({ from: "yesterday" }).from).toBe("");
  });
});

describe("what a version changes", () => {
  const change = (kind: "breaking" | "non-breaking" | "unclassified") => ({ path: "/version", kind, message: kind });

  it("begins with what breaks subscribers", () => {
    const changes = [change("non-breaking"), change("unclassified"), change("breaking")];
    expect(gravestFirst(changes).map(({ kind }) => kind)).toEqual(["breaking", "unclassified", "non-breaking"]);
    expect(countBreaking(changes)).toBe(1);
  });

  it.each([
    [[], "No changes"],
    [[change("non-breaking")], "1 change"],
    [[change("breaking")], "1 change, breaking"],
    [[change("breaking"), change("non-breaking")], "2 changes, 1 of them breaking"],
  ])("is counted in words", (changes, words) => {
    expect(sayChanges(changes)).toBe(words);
  });
});
