/** A call that the relay answered with an error: its status, and its problem document as text. */
export class RelayError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path} answered ${status}: ${body}`);
    this.status = status;
  }
}

export type RegisteredApi = {
  id: string;
  title: string;
  channels: { address: string }[];
  credentials: { clientId: string; clientSecret: string };
};
export type CreatedApp = { id: string; apiKey: string; apiSecret: string };
export type CreatedSubscription = { id: string; status: string; signingSecret: string };

/** The management API as one caller: an operator's or an organization's token. Throws `RelayError`. */
export class RelayClient {
  readonly #origin: string;
  readonly #token: string;

  constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  async createOrganization(name: string): Promise<{ id: string; client: RelayClient }> {
    const { id, token } = await this.call<{ id: string; token: string }>("POST", "/v1/organizations", { name });
    return { id, client: new RelayClient(this.#origin, token) };
  }

  registerApi(document: string): Promise<RegisteredApi> {
    return this.call("POST", "/v1/apis", document, "application/yaml");
  }

  createApp(name: string): Promise<CreatedApp> {
    return this.call("POST", "/v1/apps", { name });
  }

  subscribe(appId: string, subscription: Record<string, unknown>): Promise<CreatedSubscription> {
    return this.call("POST", `/v1/apps/${appId}/subscriptions`, subscription);
  }

  /** One call; the body is JSON, or text of another media type. */
  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    contentType = "application/json",
  ): Promise<T> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers["Content-Type"] = contentType;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(this.#origin + path, { method, headers, ...(body !== undefined && { body: text }) });
    const answered = await answer.text();
    if (!answer.ok) throw new RelayError(method, path, answer.status, answered);
    return (answered === "" ? null : JSON.parse(answered)) as T;
  }
}

/** A publisher with the credentials of one API. */
export class Publisher {
  readonly #origin: string;
  readonly #token: string;

  private constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  static async login(origin: string, credentials: RegisteredApi["credentials"]): Promise<Publisher> {
    const answer = await fetch(`${origin}/oauth2/default/v1/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${credentials.clientId}:${credentials.clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    if (!answer.ok) throw new RelayError("POST", "/oauth2/default/v1/token", answer.status, await answer.text());
    const { access_token: token } = (await answer.json()) as { access_token: string };
    return new Publisher(origin, token);
  }

  /** Publishes one event; answers its id once it is durable. */
  async publish(channel: string, event: unknown, headers: Record<string, string> = {}): Promise<string> {
    const path = `/v2/events/${channel}`;
    const answer = await fetch(this.#origin + path, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json", ...headers },
      body: JSON.stringify(event),
    });
    if (!answer.ok) throw new RelayError("POST", path, answer.status, await answer.text());
    return ((await answer.json()) as { eventId: string }).eventId;
  }
}
