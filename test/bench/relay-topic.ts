import { RelayClient } from "../../src/dev/relay-client.ts";
import { OPERATOR_TOKEN } from "./runtime.ts";

/** A topic of its own for a case: who publishes to it, and the subscriptions that get its events. */
export type RelayTopic = { url: URL; headers: Record<string, string> };

export const CHANNEL = "repair-orders/status-changed";

/** The relay takes no more of one app. */
const APP_SUBSCRIPTIONS_MAX = 1_000;

export const documentOf = (title: string): string =>
  JSON.stringify({
    asyncapi: "2.6.0",
    info: { title, version: "1.0.0" },
    channels: { [CHANNEL]: { subscribe: { message: { payload: { type: "object" } } } } },
  });

/** Registers an API and subscribes `endpoints` to it, all through the relay's public interface. */
export async function createTopic(origin: string, title: string, endpoints: string[]): Promise<RelayTopic> {
  const operator = new RelayClient(origin, OPERATOR_TOKEN);
  const { client } = await operator.createOrganization(title);
  const api = await client.registerApi(documentOf(title));
  for (let from = 0; from < endpoints.length; from += APP_SUBSCRIPTIONS_MAX) {
    const app = await client.createApp(title);
    const ofApp = endpoints.slice(from, from + APP_SUBSCRIPTIONS_MAX);
    for (const endpoint of ofApp) await client.subscribe(app.id, { apiId: api.id, endpoint });
  }
  const token = await logIn(origin, api.credentials);
  return { url: new URL(`/v2/events/${CHANNEL}`, origin), headers: { Authorization: `Bearer ${token}` } };
}

/** An access token by the client credentials grant. */
export async function logIn(origin: string, { clientId, clientSecret }: { clientId: string; clientSecret: string }) {
  const answer = await fetch(`${origin}/oauth2/default/v1/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  if (!answer.ok) throw new Error(`no access token: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}
