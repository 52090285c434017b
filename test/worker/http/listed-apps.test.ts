import { describe, expect, it } from "vitest";
import { type Json, type Organization, Relay } from "./relay.ts";

/** A publisher whose API asks for consent, a subscriber with an app, and a data owner. */
async function world(settings: Json = { visibility: "public", access: "consent" }) {
  const relay = new Relay();
  const publisher = await relay.organization("Publisher");
  const subscriber = await relay.organization("Subscriber");
  const owner = await relay.organization("Owner");
  const api = await publisher.api(["a", "b"], settings);
  const subscription = await subscriber.subscription(api.id, { channels: ["a"], description: "internal words" });
  const list = (listed: boolean) =>
    subscriber.call("PATCH", `/v1/apps/${subscription.appId}`, {
      body: { listed, description: "Calls back", website: "https://app.example.com" },
    });
  return { relay, publisher, subscriber, owner, api, subscription, list };
}

type World = Awaited<ReturnType<typeof world>>;

/** What an organization finds; of this world alone, as the tests share a registry. */
const found = async ({ api }: World, who: Organization, query = ""): Promise<Json[]> =>
  (await who.call("GET", `/v1/directory/apps?limit=100${query}`)).body.data.filter(
    (listed: Json) => listed.api.id === api.id,
  );

describe("an app in the directory", () => {
  it("is there once it lets itself be found, and not any more once it does not", async () => {
    const w = await world();
    expect(await found(w, w.owner)).toEqual([]);
    expect((await w.list(true)).body.listed).toBe(true);
    expect(await found(w, w.owner)).toHaveLength(1);
    await w.list(false);
    expect(await found(w, w.owner)).toEqual([]);
  });

  it("says who it is and what it would receive, and nothing of how", async () => {
    const w = await world();
    await w.list(true);
    expect(await found(w, w.owner)).toEqual([
      {
        subscriptionId: w.subscription.id,
        app: {
          id: w.subscription.appId,
          name: "Reader",
          description: "Calls back",
          website: "https://app.example.com",
        },
        organization: { id: w.subscriber.id, name: "Subscriber" },
        api: { id: w.api.id, title: w.api.title },
        channels: ["a"],
        consent: null,
      },
    ]);
  });

  it("is activated by the data owner at once, who then sees its own consent and nobody else's", async () => {
    const w = await world();
    const other = await w.relay.organization("Another owner");
    await w.list(true);
    const given = await w.owner.call("POST", "/v1/consents", { body: { subscriptionId: w.subscription.id } });
    expect([given.status, given.body.status]).toEqual([201, "granted"]);
    const [listed] = await found(w, w.owner);
    expect(listed?.consent).toEqual({ id: given.body.id, status: "granted", expiresAt: null });
    expect((await found(w, other))[0]?.consent).toBeNull();
  });

  it.each([
    ["an API that is open", { visibility: "public", access: "open" }],
    ["an API that has not approved it yet", { visibility: "public", access: "consent", approval: "manual" }],
  ])("is not there for %s", async (_, settings) => {
    const w = await world(settings);
    await w.list(true);
    expect(await found(w, w.owner)).toEqual([]);
  });

  it("is not there for who may not see the API, nor where the app may not see it any more", async () => {
    const w = await world();
    await w.list(true);
    const hide = { body: { visibility: "private" } };
    await w.publisher.call("PATCH", `/v1/apis/${w.api.id}`, hide);
    expect(await found(w, w.owner)).toEqual([]);
    await w.publisher.call("PUT", `/v1/apis/${w.api.id}/shares/${w.owner.id}`, { body: {} });
    expect(await found(w, w.owner)).toEqual([]);
    await w.publisher.call("PUT", `/v1/apis/${w.api.id}/shares/${w.subscriber.id}`, { body: {} });
    expect(await found(w, w.owner)).toHaveLength(1);
  });

  it("is found by words of its name, its organization and the API, and by the API", async () => {
    const w = await world();
    await w.list(true);
    for (const q of ["reader", "SUBSCRI", encodeURIComponent(w.api.title), "", "%20read%20"])
      expect(await found(w, w.owner, `&q=${q}`)).toHaveLength(1);
    for (const q of ["nobody", "%25", "_", "internal", "' OR 1=1"])
      expect(await found(w, w.owner, `&q=${q}`)).toEqual([]);
    expect(await found(w, w.owner, `&apiId=${w.api.id}`)).toHaveLength(1);
    expect(await found(w, w.owner, `&apiId=${crypto.randomUUID()}`)).toEqual([]);
  });

  it("comes page by page", async () => {
    const w = await world();
    await w.list(true);
    const body = { apiId: w.api.id, channels: ["b"] };
    await w.subscriber.call("POST", `/v1/apps/${w.subscription.appId}/subscriptions`, { body });
    const path = `/v1/directory/apps?apiId=${w.api.id}&limit=1`;
    const first = await w.owner.call("GET", path);
    expect(first.body.data).toMatchObject([{ channels: ["b"] }]);
    const second = await w.owner.call("GET", `${path}&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ data: [{ channels: ["a"] }], nextCursor: null });
  });
});
