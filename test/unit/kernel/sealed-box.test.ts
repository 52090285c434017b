import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "../../../src/kernel/encoding.ts";
import { seal, unseal } from "../../../src/kernel/sealed-box.ts";

const KEY = "a master key of the deployment";

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
    expect(Buffer.from(a.slice(3), "base64").toString("latin1")).not.toContain("secret");
  });

  it("stays shut under another key", async () => {
    const box = await seal(KEY, "secret");
    await expect(unseal(`${KEY} `, box)).rejects.toThrow();
    await expect(unseal("", box)).rejects.toThrow();
  });

  it("stays shut when any byte of it was changed", async () => {
    const bytes = fromBase64((await seal(KEY, "s")).slice(3));
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      await expect(unseal(KEY, `v1.${toBase64(changed)}`), `byte ${i}`).rejects.toThrow();
    }
  });

  it.each(["", "v1.", "v1.AAAA", "v2.AAAA", "secret", "v1.*"])("refuses %j, which is no box", async (text) => {
    await expect(unseal(KEY, text)).rejects.toThrow();
  });

  it("stays shut when it was cut short", async () => {
    const box = await seal(KEY, "a secret");
    await expect(unseal(KEY, box.slice(0, -4))).rejects.toThrow();
  });
});
