import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { Row } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { StateBadge } from "../../parts/badge.tsx";
import { Button, LinkButton } from "../../parts/button.tsx";
import { say } from "../../parts/toast.tsx";
import { stateOf } from "./consent-words.ts";
import styles from "./consents.module.css";
import { Channels } from "./terms.tsx";
import { TermsDialog } from "./terms-dialog.tsx";

type ListedApp = Row<"/v1/directory/apps">;

/** One app with what it would receive, and the button that lets it. */
export function ListedAppItem({ listed: { app, organization, api, channels, consent, subscriptionId } }: Props) {
  const { organizationId = "" } = useParams({ strict: false });
  return (
    <li className={styles.request}>
      <div>
        <h2 className={styles.app}>{app.name}</h2>
        <p className={styles.terms}>
          {organization.name}
          {app.website && (
            <>
              {" · "}
              <a href={app.website} target="_blank" rel="noreferrer noopener">
                {app.website}
              </a>
            </>
          )}
        </p>
        {app.description && <p>{app.description}</p>}
        <p className={styles.terms}>
          Receives <strong>{api.title}</strong>: <Channels channels={channels} />
        </p>
      </div>
      <div className={styles.buttons}>
        {consent ? (
          <>
            <StateBadge state={stateOf(consent, Date.now())} />
            <LinkButton
              size="small"
              to="/o/$organizationId/consents/$consentId"
              params={{ organizationId, consentId: consent.id }}
            >
              To your consent
            </LinkButton>
          </>
        ) : (
          <ActivateButton listed={{ app, api, channels, subscriptionId }} />
        )}
      </div>
    </li>
  );
}

type Props = { listed: ListedApp };
type Offer = Pick<ListedApp, "app" | "api" | "channels" | "subscriptionId">;

function ActivateButton({ listed: { app, api, channels, subscriptionId } }: { listed: Offer }) {
  const [isOpen, setOpen] = useState(false);
  const mayDecide = useMay("developer");
  const refresh = useRefresh();
  if (!mayDecide) return null;
  // One app may ask for several parts of one API.
  const label = `Activate ${app.name} for ${api.title}: ${channels?.join(", ") ?? "all channels"}`;
  return (
    <>
      <Button tone="primary" aria-label={label} onClick={() => setOpen(true)}>
        Activate
      </Button>
      <TermsDialog
        title={`Activate ${app.name}?`}
        verb="Activate"
        appName={app.name}
        api={api}
        asked={{ channels, expiresAt: null }}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onSubmit={async (terms) => {
          await client.POST("/v1/consents", { body: { subscriptionId, ...terms } });
          await refresh("/v1/consents", "/v1/directory/apps", "/v1/audit");
          say(`${app.name} receives your events from now on`);
        }}
      />
    </>
  );
}
