import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { sessionQuery, signInOptionsQuery } from "../../api/session.ts";
import { AnchorButton, LinkButton } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { TokenForm } from "./token-form.tsx";

/** In front of a page whose session has ended. Nothing but a session, here or from another tab, closes it. */
export function SignInAgain() {
  const queries = useQueryClient();
  const router = useRouter();
  const { data: options } = useQuery(signInOptionsQuery);
  const { href: returnTo } = router.state.location;
  useEffect(() => {
    const look = async (): Promise<void> => {
      const session = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
      if (session) await goOn();
    };
    // Where the relay cannot be asked now, it is at the next look.
    const onFocus = (): void => void look().catch(() => undefined);
    addEventListener("focus", onFocus);
    return () => removeEventListener("focus", onFocus);
  });
  /** What was asked in vain is asked again; whose page it is, the page itself looks into. */
  const goOn = async (): Promise<void> => {
    await router.invalidate();
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
  };
  return (
    <Dialog
      title="Your session has ended"
      lead="Sign in again here, and go on: what you have written on this page is still there."
      isOpen
      onClose={() => undefined}
    >
      {options?.oidc && (
        <AnchorButton href={`/session/oidc/start?${new URLSearchParams({ returnTo })}`} target="_blank">
          {options.oidc.label} (in another tab)
        </AnchorButton>
      )}
      <TokenForm onEntered={goOn} />
      <LinkButton tone="quiet" to="/sign-in" search={{ returnTo }}>
        Leave this page
      </LinkButton>
    </Dialog>
  );
}
