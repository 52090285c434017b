import type { Answer, Json, Relay } from "./relay.ts";

type Options = { headers?: Record<string, string>; body?: unknown; text?: string | ReadableStream<Uint8Array> };

/** A browser that shows a page of the relay: it keeps the relay's cookies, and its page sends what the console sends. */
export class Browser {
  readonly relay: Relay;
  readonly cookies = new Map<string, string>();
  /** What the last `/session` has answered. */
  session: Json = undefined;

  constructor(relay: Relay) {
    this.relay = relay;
  }

  /** Signs in with a token; adds it to the session that is there. */
  async signIn(token: string): Promise<Answer> {
    const answer = await this.send("POST", "/session", { body: { token } });
    if (answer.status === 200) this.session = answer.body;
    return answer;
  }

  /** A call of the management API as one of the session's organizations, or as `operator`. */
  call(actsAs: string, method: string, path: string, options: Options = {}): Promise<Answer> {
    const { csrfToken = "" } = this.session ?? {};
    const headers = { "Relay-Organization": actsAs, "X-CSRF-Token": csrfToken, ...options.headers };
    return this.send(method, path, { ...options, headers });
  }

  /** A request with the cookies, as a page's own script sends it. */
  async send(method: string, path: string, { headers, ...options }: Options = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const sent = {
      ...{ Origin: "https://relay.test", "Sec-Fetch-Site": "same-origin" },
      ...(options.body !== undefined && { "Content-Type": "application/json" }),
      ...(cookie !== "" && { Cookie: cookie }),
      ...headers,
    };
    const answer = await this.relay.call(method, path, { token: null, headers: sent, ...options });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  #keep(line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/; Max-Age=0(;|$)/.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
