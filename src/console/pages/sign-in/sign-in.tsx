import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { sessionQuery, signIn, signInOptionsQuery } from "../../api/session.ts";
import icon from "../../icon.svg";
import { AnchorButton, Button, LinkButton } from "../../parts/button.tsx";
import { Form, TextField } from "../../parts/field.tsx";
import { Note, ProblemNote } from "../../parts/note.tsx";
import styles from "./sign-in.module.css";

const route = getRouteApi("/sign-in");

/** Why somebody is sent here, in words. */
const REASONS: Record<string, string> = {
  session_ended: "Your session has ended. Sign in again, and you are back where you were.",
  too_many_sign_ins: "There were too many tries to sign in from here. Wait a minute.",
  other_organization: "You are not signed in to the organization of that page. Add it with one of its tokens.",
  operators_only: "That page is for the operator of this relay.",
  not_a_member: "No organization here has invited your e-mail address. Ask one of its admins to add you.",
  email_unverified:
    "Your sign-in service has not verified your e-mail address, so that nobody can be sure it is yours.",
  oidc_denied: "The sign-in was cancelled.",
  oidc_expired: "The sign-in took too long. Begin again.",
  oidc_failed: "Your sign-in service could not be asked. Try again in a moment.",
};

/** Anybody can write a link with another one. */
const reasonOf = (error: string): string =>
  (Object.hasOwn(REASONS, error) && REASONS[error]) || "The sign-in did not succeed. Try again.";

export function SignInPage() {
  const { returnTo = "/", error, add } = route.useSearch();
  const [token, setToken] = useState("");
  const queries = useQueryClient();
  const router = useRouter();
  const options = useQuery(signInOptionsQuery);
  useEffect(() => {
    document.title = "Sign in · Event Relay";
  }, []);
  const entering = useMutation({
    mutationFn: () => signIn(token.trim()),
    onSuccess: async (session) => {
      queries.setQueryData(sessionQuery.queryKey, session);
      await router.navigate({ href: returnTo });
    },
  });
  const oidc = options.data?.oidc;
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <header className={styles.head}>
          <img src={icon} alt="" width="36" height="36" />
          <h1>{add ? "Add an organization" : "Sign in to Event Relay"}</h1>
          <p>Register event APIs, subscribe to them, consent, and watch what is delivered.</p>
        </header>
        {error && <Note tone="warn">{reasonOf(error)}</Note>}
        {oidc && (
          <>
            <AnchorButton href={`/session/oidc/start?${new URLSearchParams({ returnTo })}`}>{oidc.label}</AnchorButton>
            <span className={styles.or}>or with a token</span>
          </>
        )}
        <Form onSubmit={() => entering.mutate()}>
          <TextField
            label="Token"
            hint="Of your organization (rk_…), or the operator's. It is not kept in this browser."
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            value={token}
            onChange={({ target }) => setToken(target.value)}
          />
          {entering.error && <ProblemNote error={entering.error} />}
          <Button type="submit" tone="primary" isBusy={entering.isPending} disabled={token.trim() === ""}>
            Sign in
          </Button>
        </Form>
        {add && <LinkButton to="/">Back</LinkButton>}
        <p className={styles.foot}>
          No token yet? The operator of this relay makes organizations; each one's admins make its tokens. The{" "}
          <a href="/directory">public directory</a> is open to everybody.
        </p>
      </div>
    </main>
  );
}
