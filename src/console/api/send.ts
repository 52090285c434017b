import { keepCsrfToken } from "./caller.ts";

/** Sends a call. Where another tab has signed in meanwhile, so that the CSRF token is another one now, once more with that. */
export async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(request);
  if (response.status !== 403 || !(await isForToken(response))) return response;
  const session = await fetch("/session");
  if (session.status !== 200) return response;
  const { csrfToken } = (await session.json()) as { csrfToken: string };
  keepCsrfToken(csrfToken);
  again.headers.set("X-CSRF-Token", csrfToken);
  return fetch(again);
}

const isForToken = async (response: Response): Promise<boolean> =>
  (await response.clone().text()).includes("csrf-token-invalid");
