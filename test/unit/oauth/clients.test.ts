import { afterEach, expect, test, vi } from "vitest";
import { sha256 } from "../../../src/kernel/digest.ts";
import { authenticateClient, type FindClient } from "../../../src/oauth/clients.ts";

const REFUSED = { ok: false, error: { reason: "client_refused" } };

const findClient: FindClient = async (clientId) =>
  clientId === "known"
    ? {
        id: "known",
        kind: "app",
        secretDigest: await sha256("right"),
        previousSecretDigest: await sha256("right before"),
      }
    : null;

afterEach(() => vi.restoreAllMocks());

test("a client with its secret is who it says it is", async () => {
  const client = await authenticateClient(findClient, { clientId: "known", clientSecret: "right" });
  expect(client).toEqual({ ok: true, value: { clientId: "known", kind: "app" } });
});

test("a client is believed with the secret before, while its secret is rotated", async () => {
  const client = await authenticateClient(findClient, { clientId: "known", clientSecret: "right before" });
  expect(client).toEqual({ ok: true, value: { clientId: "known", kind: "app" } });
});

test("a wrong secret and an unknown client get the same answer", async () => {
  expect(await authenticateClient(findClient, { clientId: "known", clientSecret: "wrong" })).toEqual(REFUSED);
  expect(await authenticateClient(findClient, { clientId: "unknown", clientSecret: "right" })).toEqual(REFUSED);
});

test("the digest of a secret is not the secret", async () => {
  const clientSecret = await sha256("right");
  expect(await authenticateClient(findClient, { clientId: "known", clientSecret })).toEqual(REFUSED);
});

test("an unknown client costs the same digest as a known one", async () => {
  const digest = vi.spyOn(crypto.subtle, "digest");
  await authenticateClient(async () => null, { clientId: "unknown", clientSecret: "any" });
  expect(digest).toHaveBeenCalledTimes(1);
});

test("a registry that does not answer is no refusal", async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  const away: FindClient = () => Promise.reject(new Error("the registry is away"));
  const answer = await authenticateClient(away, { clientId: "known", clientSecret: "right" });
  expect(answer).toEqual({ ok: false, error: { reason: "clients_unavailable" } });
});
