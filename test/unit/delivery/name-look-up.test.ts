import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createNameLookUp, type NameLookUpDeps } from "../../../src/delivery/name-look-up.ts";
import {
  NAME_CACHE_ENTRIES_MAX,
  NAME_LOOK_UP_MS,
  NAME_SECONDS_MAX,
  NAME_SECONDS_MIN,
  NAME_TROUBLE_SECONDS,
  NAME_UNRESOLVED_SECONDS,
} from "../../../src/kernel/limits.ts";
import { message, type Resolver, startResolver, type Zone } from "../../support/resolver.ts";

/** The look-up over real sockets, against a resolver of the test's own. */

const ZONE: Zone = {
  "hooks.example.com": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
  "only-v6.example.com": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
  "127.0.0.1.nip.io": ["127.0.0.1"],
  "alias.example.com": ["db.inside.example", "10.0.0.7"],
  "mixed.example.com": ["93.184.215.14", "10.0.0.7"],
  "public-v4-private-v6.example.com": ["93.184.215.14", "fd00::7"],
  "metadata.evil.example": ["169.254.169.254"],
  "mapped.evil.example": ["::ffff:127.0.0.1"],
  "empty.example.com": [],
  "broken.example.com": "broken",
  "unsigned.example.com": "servfail",
  "slow.example.com": "hangs",
};

const SECOND = 1000;
const SERVER_FAILURE = 2;

let resolver: Resolver;
let nowMs: number;

const makeLookUp = (changes: Partial<NameLookUpDeps> = {}) =>
  createNameLookUp({ fetch, now: () => nowMs, resolverUrl: resolver.url, onTrouble: "allowed", ...changes });

beforeEach(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  nowMs = 0;
  resolver = await startResolver(ZONE);
});
afterEach(async () => {
  await resolver.close();
  vi.restoreAllMocks();
});

describe("a name", () => {
  it.each(["hooks.example.com", "only-v6.example.com"])("that is public is allowed: %s", async (name) => {
    expect(await makeLookUp()(name)).toBe("allowed");
    expect(resolver.asked).toEqual([`A ${name}`, `AAAA ${name}`]);
  });

  it.each([
    "127.0.0.1.nip.io",
    "alias.example.com",
    "mixed.example.com",
    "public-v4-private-v6.example.com",
    "metadata.evil.example",
    "mapped.evil.example",
  ])("with any address that is not public is refused: %s", async (name) => {
    expect(await makeLookUp()(name)).toBe("refused");
  });

  it.each(["nowhere.example.com", "empty.example.com", "unsigned.example.com"])(
    "without an address is unresolved, whatever trouble means: %s",
    async (name) => {
      expect(await makeLookUp()(name)).toBe("unresolved");
      expect(await makeLookUp({ onTrouble: "refused" })(name)).toBe("unresolved");
    },
  );
});

describe("a resolver that gives no answer", () => {
  it.each(["allowed", "refused"] as const)("leaves a name %s, as configured", async (onTrouble) => {
    expect(await makeLookUp({ onTrouble })("broken.example.com")).toBe(onTrouble);
    expect(await makeLookUp({ onTrouble, resolverUrl: "http://127.0.0.1:1/" })("hooks.example.com")).toBe(onTrouble);
    expect(await makeLookUp({ onTrouble, resolverUrl: "no URL" })("hooks.example.com")).toBe(onTrouble);
  });

  it("is waited for no longer than its time, both questions together", async () => {
    const started = performance.now();
    expect(await makeLookUp({ onTrouble: "refused" })("slow.example.com")).toBe("refused");
    expect(performance.now() - started).toBeLessThan(NAME_LOOK_UP_MS + SECOND);
  });

  it.each([
    ["an answer without end", () => new Response(new Blob([new Uint8Array(70_000)]))],
    ["what is no DNS message", () => new Response("<html>")],
    ["a redirect", () => new Response(null, { status: 302, headers: { location: "https://elsewhere.example/" } })],
  ])("is one with %s, too", async (_, answer) => {
    expect(await makeLookUp({ fetch: async () => answer(), onTrouble: "refused" })("hooks.example.com")).toBe(
      "refused",
    );
  });

  it("for one type of addresses leaves the name as configured, unless the other refuses it", async () => {
    let questions = 0;
    const half: typeof fetch = (url, init) =>
      questions++ === 0 ? fetch(url, init) : Promise.reject(new Error("gone"));
    expect(await makeLookUp({ fetch: half })("127.0.0.1.nip.io")).toBe("refused");
    questions = 0;
    expect(await makeLookUp({ fetch: half })("hooks.example.com")).toBe("allowed");
    questions = 0;
    expect(await makeLookUp({ fetch: half, onTrouble: "refused" })("hooks.example.com")).toBe("refused");
  });
});

describe("a name whose servers fail for one type of addresses", () => {
  it.each([0, 1])("is as if the resolver gave no answer, question %i being the one", async (failing) => {
    let questions = 0;
    const half: typeof fetch = async (url, init) =>
      questions++ === failing
        ? new Response(message(init?.body as Uint8Array, SERVER_FAILURE, []) as Uint8Array<ArrayBuffer>)
        : fetch(url, init);
    expect(await makeLookUp({ fetch: half, onTrouble: "refused" })("hooks.example.com")).toBe("refused");
    questions = 0;
    expect(await makeLookUp({ fetch: half })("hooks.example.com")).toBe("allowed");
  });
});

describe("a verdict", () => {
  /** How long it is believed, in seconds. */
  async function believedFor(name: string, ttlSeconds = 60): Promise<number> {
    await resolver.close();
    resolver = await startResolver(ZONE, ttlSeconds);
    const lookUp = makeLookUp();
    nowMs = 0;
    await lookUp(name);
    resolver.asked.length = 0;
    for (let seconds = 1; seconds <= 2 * NAME_SECONDS_MAX; seconds++) {
      nowMs = seconds * SECOND;
      await lookUp(name);
      if (resolver.asked.length > 0) return seconds;
    }
    throw new Error("it is believed for ever");
  }

  it("holds for the answer's time to live, within bounds", async () => {
    expect(await believedFor("hooks.example.com", 60)).toBe(60);
    expect(await believedFor("hooks.example.com", 0)).toBe(NAME_SECONDS_MIN);
    expect(await believedFor("hooks.example.com", 86_400)).toBe(NAME_SECONDS_MAX);
    expect(await believedFor("127.0.0.1.nip.io", 86_400)).toBe(NAME_SECONDS_MAX);
  });

  it("holds shorter where there was no address, and shorter still where there was no answer", async () => {
    expect(await believedFor("nowhere.example.com")).toBe(NAME_UNRESOLVED_SECONDS);
    expect(await believedFor("broken.example.com")).toBe(NAME_TROUBLE_SECONDS);
  });

  it("is looked at again when its time is over", async () => {
    const zone: Zone = { "rebinds.example.com": ["93.184.215.14"] };
    await resolver.close();
    resolver = await startResolver(zone);
    const lookUp = makeLookUp();
    expect(await lookUp("rebinds.example.com")).toBe("allowed");
    zone["rebinds.example.com"] = ["127.0.0.1"];
    expect(await lookUp("rebinds.example.com")).toBe("allowed");
    nowMs += 60 * SECOND;
    expect(await lookUp("rebinds.example.com")).toBe("refused");
  });

  it("is kept of so many names, and no more", async () => {
    let questions = 0;
    const counting: typeof fetch = async () => {
      questions++;
      return new Response(null, { status: 502 });
    };
    const lookUp = makeLookUp({ fetch: counting });
    for (let i = 0; i <= NAME_CACHE_ENTRIES_MAX; i++) await lookUp(`n${i}.example.com`);
    questions = 0;
    await lookUp(`n${NAME_CACHE_ENTRIES_MAX}.example.com`);
    expect(questions).toBe(0);
    await lookUp("n0.example.com");
    expect(questions).toBe(2);
  });
});
