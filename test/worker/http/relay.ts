import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { z } from "zod";
import { createApp } from "../../../src/http/app.ts";
import { newEventId } from "../../../src/kernel/ids.ts";
import { FakeLogs } from "./fake-logs.ts";

export const OPERATOR = "test-operator-token";
export const START_MS = Date.parse("2026-11-21T12:00:00Z");

type Options = {
  /** Where the caller believes the relay to be. */
  origin?: string;
  token?: string | null;
  headers?: Record<string, string>;
  body?: unknown;
  text?: string | ReadableStream<Uint8Array>;
};

/** The answer of a call; `body` is parsed JSON, or undefined where there is none. */
export type Answer = { status: number; headers: Headers; body: Json; text: string };

/** Tests look into answers freely: a missing field is undefined, and the assertion says so. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where tests take JSON as it comes.
export type Json = any;

/** The relay's HTTP app over the real registry, with logs that the test looks into and a clock that it moves. */
export class Relay {
  readonly logs = new FakeLogs();
  readonly clock = { nowMs: START_MS, now: () => this.clock.nowMs };
  readonly env: Env = { ...env };
  /** Whether a call's answer is given only when what goes on behind it has ended. */
  waits = true;
  readonly #contexts: ExecutionContext[] = [];
  readonly #app = createApp({ clock: this.clock, logsOf: () => this.logs });

  /** Everything that the app has been told to answer, and what runs before that: `GET /v1/apis/:id`, `ALL /*`. */
  routes(): string[] {
    return [...new Set(this.#app.routes.map(({ method, path }) => `${method} ${path}`))];
  }

  async call(method: string, path: string, options: Options = {}): Promise<Answer> {
    const headers = new Headers(options.headers);
    const token = options.token === undefined ? OPERATOR : options.token;
    if (token !== null) headers.set("Authorization", `Bearer ${token}`);
    const body = options.body === undefined ? options.text : JSON.stringify(options.body);
    const { origin = "https://relay.test" } = options;
    const request = new Request(`${origin}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const context = createExecutionContext();
    this.#contexts.push(context);
    const response = await this.#app.fetch(request, this.env, context);
    const text = await response.text();
    if (this.waits) await this.settle();
    const isJson = (text !== "" && response.headers.get("Content-Type")?.match(/\bjson\b/)) ?? false;
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  /** An event of an API's first channel, in the log that its id names. */
  async event(apiId: string): Promise<string> {
    const topic = await this.env.REGISTRY.prepare("SELECT id, number FROM topic WHERE api_id = ? ORDER BY address")
      .bind(apiId)
      .first<{ id: string; number: number }>();
    if (!topic) throw new Error("the API has no channel");
    const id = newEventId(this.clock.nowMs, { topicNumber: topic.number, shard: 0 });
    const config = {
      version: 99,
      access: "open",
      organizationId: "",
      retentionDays: 1,
      maxUndeliveredDays: null,
      isAddressed: false,
    } as const;
    const event = {
      ...{ id, channel: "orders/created", partitionKey: null, dataOwnerId: null, subscriptionId: null },
      ...{ requestId: crypto.randomUUID(), originRequestId: null, traceparent: null, cloudEvent: null, hops: 0 },
      ...{ contentType: "application/json", body: new TextEncoder().encode("{}"), idempotency: null },
    };
    await this.logs.append(`${topic.id}/0`, config, [event]);
    return id;
  }

  /** Waits until what goes on behind the answers so far has ended. */
  async settle(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => waitOnExecutionContext(context)));
  }

  /** A new organization with its admin's calls. */
  async organization(name = "Acme"): Promise<Organization> {
    const { body } = await this.call("POST", "/v1/organizations", { body: { name } });
    return new Organization(this, z.string().parse(body.id), z.string().parse(body.token));
  }
}

export class Organization {
  readonly relay: Relay;
  readonly id: string;
  readonly token: string;

  constructor(relay: Relay, id: string, token: string) {
    this.relay = relay;
    this.id = id;
    this.token = token;
  }

  call(method: string, path: string, options: Omit<Options, "token"> = {}): Promise<Answer> {
    return this.relay.call(method, path, { ...options, token: this.token });
  }

  /** A token for one of its members. */
  async tokenFor(role: "admin" | "developer" | "viewer", expiresAt: string | null = null): Promise<Json> {
    const body = { name: role, role, expiresAt };
    const made = await this.call("POST", `/v1/organizations/${this.id}/tokens`, { body });
    if (made.status !== 201) throw new Error(`no token: ${made.text}`);
    return made.body;
  }

  /** Registers an API with these channels. */
  async api(
    channels = ["orders/created", "orders/{id}/changed"],
    settings: Record<string, unknown> = {},
  ): Promise<Json> {
    const registered = await this.call("POST", "/v1/apis", { text: asyncApi(`API ${crypto.randomUUID()}`, channels) });
    if (registered.status !== 201) throw new Error(`not registered: ${registered.text}`);
    if (Object.keys(settings).length > 0) {
      const patched = await this.call("PATCH", `/v1/apis/${registered.body.id}`, { body: settings });
      if (patched.status !== 200) throw new Error(`not patched: ${patched.text}`);
    }
    return registered.body;
  }

  async app(): Promise<Json> {
    return (await this.call("POST", "/v1/apps", { body: { name: "Reader" } })).body;
  }

  /** A link that opens one of its apps, with the `url` that is shown once. */
  async portalLink(body: Record<string, unknown>): Promise<Json> {
    const made = await this.call("POST", `/v1/organizations/${this.id}/portal-links`, { body });
    if (made.status !== 201) throw new Error(`no portal link: ${made.text}`);
    return made.body;
  }

  /** Subscribes a new app. */
  async subscription(apiId: string, settings: Record<string, unknown> = {}): Promise<Json> {
    const app = await this.app();
    const body = { apiId, endpoint: "https://receiver.example/hook", ...settings };
    const answer = await this.call("POST", `/v1/apps/${app.id}/subscriptions`, { body });
    if (answer.status !== 201) throw new Error(`not subscribed: ${answer.text}`);
    return answer.body;
  }
}

export function asyncApi(title: string, channels: string[], extra: Record<string, unknown> = {}): string {
  const message = { name: "Changed", payload: { type: "object", properties: { id: { type: "string" } } } };
  return JSON.stringify({
    asyncapi: "2.6.0",
    info: { title, version: "1.2.0", description: "Orders of the shop" },
    servers: { own: { url: "amqp.internal.publisher.example", protocol: "amqp" } },
    tags: [{ name: "shop" }],
    channels: Object.fromEntries(
      channels.map((address) => [
        address,
        {
          subscribe: { message },
          ...(address.includes("{id}") && { parameters: { id: { schema: { type: "string" } } } }),
        },
      ]),
    ),
    ...extra,
  });
}

/** What the outbox still holds, as `kind entity log`. */
export async function outbox(): Promise<string[]> {
  const { results } = await env.REGISTRY.prepare("SELECT kind, entity_id, log FROM push").all();
  return results.map((row) => `${row.kind} ${row.entity_id} ${row.log}`);
}
