import { Link, useParams } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/role.ts";
import { LinkButton } from "../../parts/button.tsx";
import { Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import type { Consent } from "./consent-words.ts";
import styles from "./consents.module.css";
import { DenyButton, GrantButton } from "./decisions.tsx";
import { Channels, Until } from "./terms.tsx";

const SHOWN_MAX = 20;

/** What waits for this organization's answer, above everything else; nothing where nothing does. */
export function Requests() {
  const { organizationId = "" } = useParams({ strict: false });
  const query = { as: "dataOwner", status: "requested", limit: SHOWN_MAX } as const;
  const { data } = api.useQuery("get", "/v1/consents", { params: { query } });
  if (!data || data.data.length === 0) return null;
  return (
    <Section
      title="Waiting for your answer"
      lead="Until you grant it, they receive nothing about you. What you grant you can take back at any time."
      isFlush
      actions={
        data.nextCursor !== null && (
          <LinkButton
            size="small"
            to="/o/$organizationId/consents"
            params={{ organizationId }}
            search={{ status: "requested" }}
          >
            Show all that wait
          </LinkButton>
        )
      }
    >
      <ul className={styles.requests}>
        {data.data.map((consent) => (
          <Request key={consent.id} consent={consent} />
        ))}
      </ul>
    </Section>
  );
}

function Request({ consent }: { consent: Consent }) {
  const { organizationId = "" } = useParams({ strict: false });
  const mayDecide = useMay("developer");
  return (
    <li className={styles.request}>
      <div>
        <p>
          <Link
            to="/o/$organizationId/consents/$consentId"
            params={{ organizationId, consentId: consent.id }}
            className={styles.name}
          >
            {consent.app.name}
          </Link>{" "}
          of {consent.subscriberName} asks for your events of <strong>{consent.api.title}</strong>.
        </p>
        <p className={styles.terms}>
          <Channels channels={consent.channels} /> · <Until at={consent.expiresAt} /> · asked{" "}
          <Time at={consent.updatedAt} />
        </p>
      </div>
      {mayDecide && (
        <div className={styles.buttons}>
          <DenyButton consent={consent} />
          <GrantButton consent={consent} />
        </div>
      )}
    </li>
  );
}
