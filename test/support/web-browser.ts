/** As much of a browser as a sign-in needs: cookies of each origin, redirects, and what a page of an origin sends. */
export class WebBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** The cookies that an origin has set. */
  cookiesOf(origin: string): Map<string, string> {
    const cookies = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, cookies);
    return cookies;
  }

  /** One request, as a page of that origin sends it; redirects are not followed. */
  async request(url: string | URL, { headers, ...init }: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(url);
    const cookie = [...this.cookiesOf(origin)].map(([name, value]) => `${name}=${value}`).join("; ");
    const sent = { ...(cookie !== "" && { Cookie: cookie }), ...(headers as Record<string, string>) };
    const answer = await fetch(url, { ...init, headers: sent, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) this.#keep(origin, line);
    return answer;
  }

  /** Goes where an address leads to, until the next one is one of the origin's own that `isEnd`. Answers that. */
  async follow(url: string | URL, isEnd: (url: URL) => boolean): Promise<URL> {
    let next = new URL(url);
    for (let hops = 0; hops < 10; hops++) {
      if (isEnd(next)) return next;
      const answer = await this.request(next);
      await answer.body?.cancel();
      const location = answer.headers.get("Location");
      if (location === null) throw new Error(`${next} leads nowhere: ${answer.status}`);
      next = new URL(location, next);
    }
    throw new Error(`${url} leads on and on`);
  }

  #keep(origin: string, line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const isGone = /; max-age=0(;|$)/i.test(line) || /; expires=Thu, 01 Jan 1970/i.test(line);
    if (isGone) this.cookiesOf(origin).delete(name);
    else this.cookiesOf(origin).set(name, value);
  }
}
