import { RelayClient } from "../../../src/dev/relay-client.ts";
import { loginApp } from "../../support/live.ts";
import { CHANNEL, documentOf, logIn, type RelayTopic } from "../relay-topic.ts";
import { OPERATOR_TOKEN } from "../runtime.ts";

/** A topic, and how its events are listened to. */
export type LiveTopic = { publishing: RelayTopic; streamUrl: string; token: string };

/** Registers an API, and subscribes one app to it that has no endpoint. */
export async function createLiveTopic(origin: string): Promise<LiveTopic> {
  const { client } = await new RelayClient(origin, OPERATOR_TOKEN).createOrganization("live");
  const api = await client.registerApi(documentOf("live"));
  const app = await client.createApp("live");
  await client.subscribe(app.id, { apiId: api.id });
  const headers = { Authorization: `Bearer ${await logIn(origin, api.credentials)}` };
  return {
    publishing: { url: new URL(`/v2/events/${CHANNEL}`, origin), headers },
    streamUrl: `${origin}/v1/stream/${api.id}/${CHANNEL}`,
    token: await loginApp(origin, app),
  };
}
