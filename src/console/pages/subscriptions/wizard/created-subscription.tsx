import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../../api/client.ts";
import { StateBadge } from "../../../parts/badge.tsx";
import { Button, LinkButton } from "../../../parts/button.tsx";
import { LeaveGuard } from "../../../parts/leave-guard.tsx";
import { Note } from "../../../parts/note.tsx";
import { Page, Section } from "../../../parts/page.tsx";
import { ShownOnce } from "../../../parts/shown-once.tsx";
import { ConsentRequests } from "../consent-requests.tsx";
import { StatusNote } from "../status-note.tsx";
import type { ListedSubscription } from "../subscription-types.ts";
import { TEST_LEAD, TestDelivery } from "../test-delivery.tsx";
import { VerifyButton } from "../verify-button.tsx";

const route = getRouteApi("/o/$organizationId/subscriptions/new");

export type Created = ListedSubscription & { signingSecret: string };

/** What has been made, and what is left to do. */
export function CreatedSubscription({ created }: { created: Created }) {
  const { organizationId } = route.useParams();
  const { id: subscriptionId, endpoint, apiId, apiTitle } = created;
  // What a check of the endpoint changes is seen here, too.
  const { data: current = created } = api.useQuery("get", "/v1/subscriptions/{id}", {
    params: { path: { id: subscriptionId } },
  });
  const directory = api.useQuery("get", "/v1/directory/{apiId}", { params: { path: { apiId } } });
  const needsConsent = directory.data?.access === "consent";
  return (
    <Page
      title={`Subscribed to ${apiTitle}`}
      beside={<StateBadge state={current.status} />}
      isNarrow
      actions={
        <LinkButton
          to="/o/$organizationId/subscriptions/$subscriptionId"
          params={{ organizationId, subscriptionId }}
          tone="primary"
        >
          Open the subscription
        </LinkButton>
      }
    >
      {needsConsent && current.status === "active" ? (
        <Note tone="warn">
          <strong>Events come once their data owners have consented.</strong> Ask them below: what is accepted before a
          grant is never sent.
        </Note>
      ) : (
        <StatusNote subscription={current}>
          {current.status === "unverified" && <VerifyButton subscriptionId={subscriptionId} />}
        </StatusNote>
      )}
      {endpoint !== null && <SigningSecret secret={created.signingSecret} />}
      {endpoint !== null && (
        <Section title="Check your endpoint" lead={TEST_LEAD}>
          <TestDelivery subscription={current} />
        </Section>
      )}
      {needsConsent && <ConsentRequests subscriptionId={subscriptionId} channels={directory.data?.channels ?? []} />}
    </Page>
  );
}

/** Nobody leaves by mistake before it is kept. */
function SigningSecret({ secret }: { secret: string }) {
  const [isKept, setKept] = useState(false);
  return (
    <Section
      title="Signing secret"
      lead="With it your endpoint checks that a request is the relay's."
      actions={
        !isKept && (
          <Button size="small" onClick={() => setKept(true)}>
            I have kept it
          </Button>
        )
      }
    >
      {isKept ? (
        <Note tone="good">You have kept it. Another one can be made on the subscription's page at any time.</Note>
      ) : (
        <ShownOnce values={[{ label: "Signing secret", value: secret }]} />
      )}
      <LeaveGuard isOn={!isKept} title="Leave without the signing secret?">
        It is shown only here. Without it your endpoint cannot check signatures; you would have to rotate it.
      </LeaveGuard>
    </Section>
  );
}
