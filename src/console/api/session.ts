import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "./answer.ts";
import { keepCsrfToken } from "./caller.ts";
import { client } from "./client.ts";

/** Who is signed in, and as whom they may act. */
export type Session = Answer<"/session", "get">;
export type Role = Session["organizations"][number]["role"];

/** As what somebody works in an organization; undefined: they do not. */
export const seatIn = (session: Session | null | undefined, organizationId: string | undefined) =>
  session?.organizations.find(({ id }) => id === organizationId);

function kept(session: Session): Session {
  keepCsrfToken(session.csrfToken);
  return session;
}

/** null where nobody is signed in. */
async function readSession(): Promise<Session | null> {
  const { data } = await client.GET("/session");
  return data ? kept(data) : null;
}

export const sessionQuery = queryOptions({ queryKey: ["session"], queryFn: readSession, staleTime: 60_000 });

export const signInOptionsQuery = queryOptions({
  queryKey: ["session", "options"],
  queryFn: async () => (await client.GET("/session/options")).data ?? null,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Signs in with a token, of the operator or of an organization; who is signed in already gets one organization more. */
export async function signIn(token: string): Promise<Session> {
  const { data } = await client.POST("/session", { body: { token } });
  if (!data) throw new Error("The relay took the token, but did not say who you are.");
  return kept(data);
}

export async function signOut(): Promise<void> {
  await client.DELETE("/session");
  keepCsrfToken(null);
}
