import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { findFreePort } from "../../src/dev/local-receiver.ts";
import { startLocalRelay } from "../../src/dev/local-relay.ts";
import { type CreatedApp, Publisher, type RegisteredApi, RelayClient } from "../../src/dev/relay-client.ts";
import type { RelayVars } from "../../src/dev/relay-worker.ts";
import { document3 } from "./asyncapi.ts";
import { captureLine } from "./log-capture.ts";

/** A whole relay in workerd behind a real socket, for black-box tests: one a file. */
export type TestRelay = { origin: string; operator: RelayClient; runCron(): Promise<void>; close(): Promise<void> };

export const OPERATOR_TOKEN = "test-operator-token";

export async function startTestRelay({
  allowPrivateEndpoints = true,
  vars = {},
}: {
  allowPrivateEndpoints?: boolean;
  vars?: Partial<RelayVars>;
} = {}): Promise<TestRelay> {
  const stateDir = mkdtempSync(join(tmpdir(), "event-relay-test-"));
  const relay = await startLocalRelay({
    port: await findFreePort(),
    stateDir,
    script: inject("relayScript"),
    operatorToken: OPERATOR_TOKEN,
    allowPrivateEndpoints,
    vars,
    onLine: (line, isError) => {
      captureLine(line);
      if (isError) console.error(line);
    },
  });
  return {
    origin: relay.origin,
    operator: new RelayClient(relay.origin, OPERATOR_TOKEN),
    runCron: relay.runCron,
    close: async () => {
      await relay.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

export type Organization = { id: string; client: RelayClient };

/** A registered API that every organization may subscribe to, its publisher logged in, and an app of another organization. */
export type Scene = {
  publishing: Organization;
  api: RegisteredApi;
  publisher: Publisher;
  subscribing: Organization;
  app: CreatedApp;
};

export type SceneOptions = { channels?: string[]; access?: "open" | "consent" };

export async function setScene(
  { origin, operator }: Pick<TestRelay, "origin" | "operator">,
  { channels = ["orders"], access = "open" }: SceneOptions = {},
): Promise<Scene> {
  const publishing = await operator.createOrganization("Publishing Ltd");
  const subscribing = await operator.createOrganization("Subscribing Ltd");
  const api = await publishing.client.registerApi(documentOf(channels));
  await publishing.client.call("PATCH", `/v1/apis/${api.id}`, { visibility: "public", access });
  const app = await subscribing.client.createApp("an app");
  return { publishing, api, publisher: await Publisher.login(origin, api.credentials), subscribing, app };
}

/** An AsyncAPI document with these addresses; each `{parameter}` is declared. */
export function documentOf(addresses: string[]): string {
  const channels = addresses.map((address, i) => {
    const names = [...address.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const parameters = Object.fromEntries(names.map((name) => [name, {}]));
    const messages = { changed: { payload: {} } };
    return [`channel${i}`, { address, messages, ...(names.length > 0 && { parameters }) }];
  });
  return document3(Object.fromEntries(channels));
}

export type Progress = {
  status: string;
  backlog: number;
  blockedKeys: number;
  dead: number;
  lastError: { at: string; status: number; error: string } | null;
};

export const readProgress = ({ subscribing }: Scene, subscriptionId: string): Promise<Progress> =>
  subscribing.client.call("GET", `/v1/subscriptions/${subscriptionId}`);

/** A subscription that is paused and so keeps all that an API's logs take: its backlog counts the events stored. */
export type Witness = { id: string; countStored(): Promise<number> };

export async function addWitness(scene: Scene): Promise<Witness> {
  const { subscribing, app, api } = scene;
  const subscription = { apiId: api.id, endpoint: "http://127.0.0.1:9/" };
  const { id } = await subscribing.client.subscribe(app.id, subscription);
  await subscribing.client.call("POST", `/v1/subscriptions/${id}/pause`, {});
  return { id, countStored: async () => (await readProgress(scene, id)).backlog };
}

/** An access token by the client credentials grant. */
export async function fetchToken(
  origin: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<string> {
  const answer = await fetch(`${origin}/oauth2/default/v1/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (!token) throw new Error(`no token: ${answer.status}`);
  return token;
}
