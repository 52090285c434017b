import type { BrowserContext } from "playwright-core";

/** Signs a browser in: one session, with a seat for each of these tokens. */
export async function signInWith(context: BrowserContext, origin: string, tokens: string[]): Promise<void> {
  for (const token of tokens) {
    const answer = await context.request.post(`${origin}/session`, { data: { token }, headers: { Origin: origin } });
    if (!answer.ok()) throw new Error(`nobody could sign in: ${answer.status()} ${await answer.text()}`);
  }
}
