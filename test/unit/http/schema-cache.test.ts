import { describe, expect, it } from "vitest";
import { SchemaCache } from "../../../src/http/publish/schema-cache.ts";
import {
  COMPILED_BYTES_PER_CHAR,
  SCHEMA_CACHE_BYTES_MAX,
  SCHEMA_CACHE_ENTRIES_MAX,
} from "../../../src/kernel/limits.ts";
import type { TopicSchemas } from "../../../src/registry/topics.ts";

const NOTHING: TopicSchemas = { messages: [], parameters: [], chars: 100 };

/** A cache over a registry that counts how often it is read. */
function setCache() {
  const cache = new SchemaCache();
  const reads: string[] = [];
  const get = (topicId: string, revision = 1, { withMessages = true, chars = 100, schema = {} as unknown } = {}) =>
    cache.get(topicId, { revision, withMessages }, async () => {
      reads.push(topicId);
      return { messages: [{ name: "m", schema }], parameters: [], chars };
    });
  return { cache, reads, get };
}

describe("the cache of schemas", () => {
  it("reads a channel's once a revision, and serves who knows an older one with the newer", async () => {
    const { reads, get } = setCache();
    const first = await get("a", 3);
    expect(await get("a", 3)).toEqual(first);
    expect(await get("a", 2)).toEqual(first);
    expect(reads).toHaveLength(1);
    await get("a", 4);
    await get("a", 3);
    await get("a", 4);
    expect(reads).toHaveLength(2);
  });

  it("does not take what was read without the messages for a channel without messages", async () => {
    const { reads, get } = setCache();
    await get("a", 1, { withMessages: false });
    await get("a", 1, { withMessages: false });
    expect(reads).toHaveLength(1);
    await get("a", 1, { withMessages: true });
    await get("a", 1, { withMessages: false });
    expect(reads).toHaveLength(2);
  });

  it("keeps so many channels, and forgets the one that was not used for longest", async () => {
    const { reads, get } = setCache();
    for (let i = 0; i < SCHEMA_CACHE_ENTRIES_MAX; i++) await get(`${i}`);
    await get("0");
    await get("one more");
    reads.length = 0;
    await get("0");
    await get("one more");
    expect(reads).toEqual([]);
    await get("1");
    expect(reads).toEqual(["1"]);
  });

  it("keeps so many bytes, but always the last one used", async () => {
    const { reads, get } = setCache();
    const half = SCHEMA_CACHE_BYTES_MAX / COMPILED_BYTES_PER_CHAR / 2;
    for (const name of ["a", "b"]) await get(name, 1, { chars: half });
    for (const name of ["a", "b"]) await get(name, 1, { chars: half });
    expect(reads).toEqual(["a", "b"]);
    await get("c", 1, { chars: half });
    await get("b", 1, { chars: half });
    expect(reads).toEqual(["a", "b", "c"]);
    await get("huge", 1, { chars: 100 * half });
    await get("huge", 1, { chars: 100 * half });
    expect(reads).toEqual(["a", "b", "c", "huge"]);
    await get("b", 1, { chars: half });
    expect(reads).toEqual(["a", "b", "c", "huge", "b"]);
  });

  it("counts what patterns have come to remember since", async () => {
    const { reads, get } = setCache();
    const almost = SCHEMA_CACHE_BYTES_MAX / COMPILED_BYTES_PER_CHAR - 2_000;
    const schema = { pattern: "(a|b)*a(a|b){12}c" };
    const remembering = await get("a", 1, { schema });
    await get("b", 1, { chars: almost });
    await get("b");
    expect(reads).toEqual(["a", "b"]);
    if (!remembering.ok || !remembering.value) throw new Error("no schemas");
    for (let i = 0; i < 2_000; i++) {
      remembering.value.findMisfit((i * 2_654_435_761).toString(2).replaceAll("0", "a").replaceAll("1", "b"));
    }
    await get("a", 1, { schema });
    await get("b", 1, { chars: almost });
    expect(reads).toEqual(["a", "b", "b"]);
  });

  it("remembers nothing of a channel that is gone, nor of a registry that did not answer", async () => {
    const { cache } = setCache();
    const wanted = { revision: 1, withMessages: true };
    expect(await cache.get("a", wanted, async () => null)).toEqual({ ok: true, value: null });
    const away = () => Promise.reject(new Error("away"));
    expect(await cache.get("a", wanted, away)).toEqual({ ok: false, error: { reason: "registry_unavailable" } });
    expect(await cache.get("a", wanted, async () => NOTHING)).toMatchObject({ ok: true, value: {} });
    expect(await cache.get("a", wanted, away)).toMatchObject({ ok: true, value: {} });
    expect(await cache.get("a", { ...wanted, revision: 2 }, away)).toMatchObject({ ok: false });
  });
});
