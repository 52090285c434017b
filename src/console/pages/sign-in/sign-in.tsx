import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { signInOptionsQuery } from "../../api/session.ts";
import icon from "../../icon.svg";
import { AnchorButton, LinkButton } from "../../parts/button.tsx";
import { Note } from "../../parts/note.tsx";
import styles from "./sign-in.module.css";
import { TokenForm } from "./token-form.tsx";

const route = getRouteApi("/sign-in");

/** Why somebody is sent here, in words. */
const REASONS: Record<string, string> = {
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
  const router = useRouter();
  const options = useQuery(signInOptionsQuery);
  useEffect(() => {
    document.title = "Sign in · Event Relay";
  }, []);
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
        <TokenForm onEntered={() => router.navigate({ href: returnTo })} />
        {add && <LinkButton to="/">Back</LinkButton>}
        <p className={styles.foot}>
          No token yet? The operator of this relay makes organizations; each one's admins make its tokens. The{" "}
          <a href="/directory">public directory</a> is open to everybody.
        </p>
      </div>
    </main>
  );
}
