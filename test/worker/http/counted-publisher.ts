import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { createApp } from "../../../src/http/app.ts";
import { authorizationServer } from "../../../src/oauth/authorization-server.ts";
import { mintAccessToken } from "../../../src/oauth/tokens.ts";
import type { LogControls } from "../../../src/topic/client.ts";
import { overheard } from "../../support/overheard-registry.ts";
import type { FakeLogs } from "./fake-logs.ts";
import { type Json, type Organization, Relay } from "./relay.ts";

type Options = { body?: unknown; text?: string };

export type RegisteredDocument = {
  organization: Organization;
  api: Json;
  token: string;
  patch(settings: Record<string, unknown>): Promise<void>;
  /** Puts a new version, whatever it breaks. */
  putSpec(document: string): Promise<void>;
};

/** A publisher whose every read of the registry is counted. `logs`: the ones it publishes to, if not those that tests look into. */
export class CountedPublisher {
  readonly relay = new Relay();
  queries = 0;
  isRegistryAway = false;
  readonly logs: FakeLogs = this.relay.logs;
  readonly #app: ReturnType<typeof createApp>;
  readonly #env: Env;

  constructor({ logs = this.logs, vars = {} }: { logs?: LogControls; vars?: Partial<Env> } = {}) {
    this.#app = createApp({ clock: this.relay.clock, logsOf: () => logs });
    this.#env = { ...this.relay.env, REGISTRY: this.#counted(this.relay.env.REGISTRY), ...vars };
  }

  async register(channels?: string[]): Promise<{ api: Json; token: string }> {
    const organization = await this.relay.organization();
    const api = await organization.api(channels);
    return { api, token: await this.token(api.credentials.clientId) };
  }

  /** Registers an API with this document, and with settings if there are any. */
  async registerDocument(document: string, settings: Record<string, unknown> = {}): Promise<RegisteredDocument> {
    const organization = await this.relay.organization();
    const registered = await organization.call("POST", "/v1/apis", { text: document });
    if (registered.status !== 201) throw new Error(`not registered: ${JSON.stringify(registered.body.errors)}`);
    const path = `/v1/apis/${registered.body.id}`;
    const change = async (method: string, what: string, options: Options): Promise<void> => {
      const changed = await organization.call(method, `${path}${what}`, options);
      if (changed.status !== 200) throw new Error(`not changed: ${changed.text}`);
    };
    const patch = (body: Record<string, unknown>) => change("PATCH", "", { body });
    if (Object.keys(settings).length > 0) await patch(settings);
    return {
      organization,
      api: registered.body,
      token: await this.token(registered.body.credentials.clientId),
      patch,
      putSpec: (text) => change("PUT", "/spec?force=true", { text }),
    };
  }

  async token(clientId: string): Promise<string> {
    const server = authorizationServer(this.#env, this.relay.clock);
    const minted = await mintAccessToken(server, { clientId, kind: "publisher", scopes: ["anonymous"] });
    if (!minted.ok) throw new Error(minted.error.reason);
    return minted.value.token;
  }

  async publish(
    path: string,
    token: string,
    headers: Record<string, string> = {},
    body: BodyInit = '{"n":1}',
  ): Promise<Response> {
    const context = createExecutionContext();
    const request = new Request(`https://relay.test/v2/events${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
      body,
    });
    const answer = await this.#app.fetch(request, this.#env, context);
    await waitOnExecutionContext(context);
    return answer;
  }

  #counted(db: D1Database): D1Database {
    return overheard(db, (method) => {
      if (method === "prepare" || method === "batch") this.queries++;
      if (method === "prepare" && this.isRegistryAway) throw new Error("the registry is away");
    });
  }
}
