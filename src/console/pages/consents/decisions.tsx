import { useState } from "react";
import { client } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { say } from "../../parts/toast.tsx";
import { type Consent, stateOf } from "./consent-words.ts";
import { TermsDialog } from "./terms-dialog.tsx";

type Look = { consent: Consent; size?: "normal" | "small" };

/** What a data owner can do with a consent as it is now. */
export function Decisions({ consent, size = "normal" }: Look) {
  const mayDecide = useMay("developer");
  if (!mayDecide) return null;
  switch (stateOf(consent, Date.now())) {
    case "requested":
      return (
        <>
          <DenyButton consent={consent} size={size} /> <GrantButton consent={consent} size={size} />
        </>
      );
    case "granted":
      return <RevokeButton consent={consent} size={size} />;
    case "denied":
    case "revoked":
    case "expired":
      return <GiveButton consent={consent} size={size} />;
  }
}

/** Grants what was asked for, or less of it. */
export function GrantButton({ consent, size = "normal" }: Look) {
  const [isOpen, setOpen] = useState(false);
  const refresh = useRefresh();
  return (
    <>
      <Button tone="primary" size={size} onClick={() => setOpen(true)}>
        Grant
      </Button>
      <TermsDialog
        title={`Let ${consent.app.name} have your events?`}
        verb="Grant"
        appName={consent.app.name}
        api={consent.api}
        asked={consent}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onSubmit={async (body) => {
          await client.POST("/v1/consents/{id}/grant", { params: { path: { id: consent.id } }, body });
          await refresh("/v1/consents", "/v1/audit");
          say(`${consent.app.name} has your consent`);
        }}
      />
    </>
  );
}

/** Gives a consent anew that was denied or revoked, or is over: on any terms, as nobody is asked. */
function GiveButton({ consent, size = "normal" }: Look) {
  const [isOpen, setOpen] = useState(false);
  const refresh = useRefresh();
  const { subscriptionId } = consent;
  return (
    <>
      <Button size={size} onClick={() => setOpen(true)}>
        Grant after all
      </Button>
      <TermsDialog
        title={`Let ${consent.app.name} have your events?`}
        verb="Grant"
        appName={consent.app.name}
        api={consent.api}
        asked={{ channels: consent.channels, expiresAt: null }}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onSubmit={async (terms) => {
          await client.POST("/v1/consents", { body: { subscriptionId, ...terms } });
          await refresh("/v1/consents", "/v1/audit");
          say(`${consent.app.name} has your consent`);
        }}
      />
    </>
  );
}

export function DenyButton({ consent, size = "normal" }: Look) {
  const refresh = useRefresh();
  const deny = async (): Promise<void> => {
    await client.POST("/v1/consents/{id}/deny", { params: { path: { id: consent.id } }, body: {} });
    await refresh("/v1/consents", "/v1/audit");
    say(`Denied: ${consent.app.name} receives nothing about you`);
  };
  return (
    <Confirm
      title={`Deny ${consent.app.name}?`}
      verb="Deny"
      trigger={(ask) => (
        <Button size={size} onClick={ask}>
          Deny
        </Button>
      )}
      onConfirm={deny}
    >
      {consent.subscriberName} is told no, and receives nothing about you. It can ask again, and you can grant it later.
    </Confirm>
  );
}

function RevokeButton({ consent, size = "normal" }: Look) {
  const refresh = useRefresh();
  const revoke = async (): Promise<void> => {
    await client.POST("/v1/consents/{id}/revoke", { params: { path: { id: consent.id } }, body: {} });
    await refresh("/v1/consents", "/v1/audit");
    say(`Revoked: nothing more of yours is sent to ${consent.app.name}`);
  };
  return (
    <Confirm
      title={`Take back your consent to ${consent.app.name}?`}
      verb="Revoke"
      trigger={(ask) => (
        <Button size={size} onClick={ask}>
          Revoke
        </Button>
      )}
      onConfirm={revoke}
    >
      As soon as the relay has answered, nothing more of yours is sent to {consent.app.name}: what waits to be tried
      again is stopped, too. What it has already received stays with {consent.subscriberName}. You can grant it again,
      for what happens from then on.
    </Confirm>
  );
}
