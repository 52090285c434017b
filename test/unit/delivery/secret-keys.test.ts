import { describe, expect, it, vi } from "vitest";
import { createSecretKeys } from "../../../src/delivery/secret-keys.ts";
import { newSigningSecret } from "../../../src/domain/signature.ts";
import { SECRET_KEY_CACHE_ENTRIES_MAX } from "../../../src/kernel/limits.ts";

describe("the keys of signing secrets", () => {
  it("are opened once", async () => {
    const secret = newSigningSecret();
    const open = vi.fn(async () => secret);
    const secretKey = createSecretKeys(open);
    expect(await secretKey("box")).toBe(await secretKey("box"));
    expect(open).toHaveBeenCalledExactlyOnceWith("box");
  });

  it("are kept in a bounded number", async () => {
    const secretKey = createSecretKeys(async () => newSigningSecret());
    const first = await secretKey("first");
    for (let i = 0; i < SECRET_KEY_CACHE_ENTRIES_MAX; i++) await secretKey(`box ${i}`);
    expect(await secretKey("first")).not.toBe(first);
  });

  it("are opened again after it has failed", async () => {
    const open = vi.fn(async () => newSigningSecret());
    open.mockRejectedValueOnce(new Error("another key")).mockResolvedValueOnce("nonsense");
    const secretKey = createSecretKeys(open);
    await expect(secretKey("box")).rejects.toThrow("another key");
    await expect(secretKey("box")).rejects.toThrow("whsec_");
    expect((await secretKey("box")).type).toBe("secret");
  });
});
