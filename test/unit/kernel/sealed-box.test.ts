import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "../../../src/kernel/encoding.ts";
import { seal, sealPrefix, unseal } from "../../../src/kernel/sealed-box.ts";

const KEY = "a master key of the deployment";
const PREFIX = await sealPrefix(KEY);

/** As boxes were before they named their key. */
const withoutKeyId = (box: string): string => box.replace(PREFIX, "v1.");

describe("a sealed box", () => {
  it.each(["", "whsec_c2VjcmV0", "ключ 🔑 \0 with a NUL", "x".repeat(100_000)])(
    "gives back what was sealed",
    async (secret) => {
      expect(await unseal(KEY, await seal(KEY, secret))).toBe(secret);
    },
  );

  it("does not show its secret, nor that two boxes hold the same one", async () => {
    const [a, b] = await Promise.all([seal(KEY, "same secret"), seal(KEY, "same secret")]);
    expect(a).not.toBe(b);
    expect(Buffer.from(a.slice(PREFIX.length), "base64").toString("latin1")).not.toContain("secret");
  });

  it("stays shut under another key", async () => {
    const box = await seal(KEY, "secret");
    for (const sealed of [box, withoutKeyId(box)]) {
      for (const other of [`${KEY} `, "", "one,two"]) await expect(unseal(other, sealed), other).rejects.toThrow();
    }
  });

  it("stays shut when any byte of it was changed", async () => {
    const bytes = fromBase64((await seal(KEY, "s")).slice(PREFIX.length));
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      for (const head of [PREFIX, "v1."]) {
        await expect(unseal(KEY, head + toBase64(changed)), `byte ${i}`).rejects.toThrow();
      }
    }
  });

  it.each(["", "v1.", "v1.AAAA", "v2.AAAA", PREFIX, `${PREFIX}AAAA`, "v3.AAAA", "secret", "v1.*"])(
    "refuses %j, which is no box",
    async (text) => {
      await expect(unseal(KEY, text)).rejects.toThrow();
    },
  );

  it.each(["", ",", ",,"])("is not made where there is no master key but %j", async (none) => {
    await expect(seal(none, "secret")).rejects.toThrow("no master key");
  });

  it("is sealed by a key that is there, wherever a comma was left over", async () => {
    expect(await sealPrefix(`,${KEY}`)).toBe(PREFIX);
    expect(await unseal(`${KEY},`, await seal(`,${KEY}`, "secret"))).toBe("secret");
  });

  it("stays shut when it was cut short", async () => {
    const box = await seal(KEY, "a secret");
    await expect(unseal(KEY, box.slice(0, -4))).rejects.toThrow();
  });
});

describe("while the master key is replaced", () => {
  const both = `the next key,${KEY}`;

  it("opens what the old one has sealed, whether or not the box names it", async () => {
    const old = await seal(KEY, "secret");
    expect(await unseal(both, old)).toBe("secret");
    expect(await unseal(both, withoutKeyId(old))).toBe("secret");
  });

  it("seals with the new one, which needs the old one no more", async () => {
    const box = await seal(both, "secret");
    expect(box.startsWith(await sealPrefix(both))).toBe(true);
    expect(await sealPrefix(both)).toBe(await sealPrefix("the next key"));
    expect(await unseal("the next key", box)).toBe("secret");
    await expect(unseal(KEY, box)).rejects.toThrow();
  });
});
