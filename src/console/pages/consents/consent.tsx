import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { LoadedPage } from "../../frame/loaded-page.tsx";
import { StateBadge } from "../../parts/badge.tsx";
import { Id } from "../../parts/code.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { ConsentHistory } from "./consent-history.tsx";
import { type Consent, type ConsentState, stateOf } from "./consent-words.ts";
import { Decisions } from "./decisions.tsx";
import { SentEvents } from "./sent-events.tsx";
import { Channels, Until } from "./terms.tsx";

const route = getRouteApi("/o/$organizationId/consents/$consentId");

/** One consent: its terms, what came of it, and what has been sent because of it. */
export function ConsentPage() {
  const { consentId } = route.useParams();
  const query = api.useQuery("get", "/v1/consents/{id}", { params: { path: { id: consentId } } });
  return (
    <LoadedPage query={query} title="Consent" what="the consent">
      {(consent) => <OneConsent consent={consent} />}
    </LoadedPage>
  );
}

function OneConsent({ consent }: { consent: Consent }) {
  const { organizationId } = route.useParams();
  const isOwner = consent.dataOwnerId === organizationId;
  const isSubscriber = consent.subscriberId === organizationId;
  const state = stateOf(consent, Date.now());
  return (
    <Page
      title={isOwner ? consent.app.name : `Consent of ${consent.dataOwnerName}`}
      beside={<StateBadge state={state} />}
      lead={isOwner ? TO_OWNER[state] : TO_SUBSCRIBER[state]}
      crumbs={
        <Link to="/o/$organizationId/consents" params={{ organizationId }} search={isOwner ? {} : { side: "asked" }}>
          Consents
        </Link>
      }
      actions={isOwner && <Decisions consent={consent} />}
    >
      <Section title="Terms">
        <Facts>
          <Fact label="App">
            {consent.app.name}, of {consent.subscriberName}
          </Fact>
          <Fact label="API">{consent.api.title}</Fact>
          <Fact label="Channels">
            <Channels channels={consent.channels} />
          </Fact>
          <Fact label="How long">
            <Until at={consent.expiresAt} />
          </Fact>
          <Fact label="Subscription">
            {isSubscriber ? (
              <Link
                to="/o/$organizationId/subscriptions/$subscriptionId"
                params={{ organizationId, subscriptionId: consent.subscriptionId }}
              >
                To the subscription
              </Link>
            ) : (
              <Id id={consent.subscriptionId} />
            )}
          </Fact>
          <Fact label="Last changed">
            <Time at={consent.updatedAt} />
          </Fact>
        </Facts>
      </Section>
      {isOwner && <SentEvents consentId={consent.id} appName={consent.app.name} />}
      <ConsentHistory consentId={consent.id} organizationId={organizationId} names={namesIn(consent)} />
    </Page>
  );
}

/** Of the organizations that a consent is between, as the audit calls them. */
const namesIn = (consent: Consent): ReadonlyMap<string, string> =>
  new Map([
    [`organization:${consent.subscriberId}`, consent.subscriberName],
    [`organization:${consent.dataOwnerId}`, consent.dataOwnerName],
  ]);

const TO_OWNER: Record<ConsentState, string> = {
  requested: "It waits for your answer. Until you grant it, it receives nothing about you.",
  granted: "It receives events about your organization, from the moment that you granted it.",
  denied: "You have denied it. It receives nothing about you.",
  revoked: "You have taken it back. Nothing more of yours is sent.",
  expired: "Its time is over. Nothing more of yours is sent.",
};

const TO_SUBSCRIBER: Record<ConsentState, string> = {
  requested: "The data owner has not answered yet. Until then your subscription receives nothing about them.",
  granted: "Your subscription receives events about them, from the moment that they granted it.",
  denied: "The data owner has denied it. You can ask again from the subscription.",
  revoked: "The data owner has taken it back. Nothing more about them is sent to you.",
  expired: "Its time is over. You can ask again from the subscription.",
};
