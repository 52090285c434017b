import { getRouteApi } from "@tanstack/react-router";
import { Countdown } from "../../parts/countdown.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Note } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { BlockedKeys } from "./blocked-keys.tsx";
import { explainFailure, nameOutcome } from "./deliveries/failure-words.ts";
import { HealthCharts } from "./health/health-charts.tsx";
import { HealthFigures } from "./health/health-figures.tsx";
import { StatusNote } from "./status-note.tsx";
import { SubscriptionFacts } from "./subscription-facts.tsx";
import type { Subscription } from "./subscription-types.ts";
import { useSubscription } from "./use-subscription.ts";
import { VerifyButton } from "./verify-button.tsx";

const route = getRouteApi("/o/$organizationId/subscriptions/$subscriptionId/");

/** How a subscription is doing, and what needs somebody. */
export function SubscriptionOverview() {
  const { subscriptionId } = route.useParams();
  const query = useSubscription(subscriptionId);
  return (
    <Loaded query={query} what="the subscription">
      {(subscription) => <Overview subscription={subscription} />}
    </Loaded>
  );
}

function Overview({ subscription }: { subscription: Subscription }) {
  const { id, status, endpoint, blocked, lastError, backlog } = subscription;
  return (
    <>
      {(status !== "active" || endpoint === null) && (
        <StatusNote subscription={subscription}>
          {status === "unverified" && <VerifyButton subscriptionId={id} />}
        </StatusNote>
      )}
      <Circuit subscription={subscription} />
      {backlog === null && (
        <Note tone="warn">
          A part of the relay that knows how this subscription stands did not answer. What is missing comes back by
          itself; deliveries go on meanwhile.
        </Note>
      )}
      <HealthFigures subscription={subscription} />
      {blocked && blocked.length > 0 && <BlockedKeys subscription={subscription} blocked={blocked} />}
      {endpoint !== null && lastError && <LastError error={lastError} />}
      {endpoint !== null && <HealthCharts subscriptionId={id} />}
      <SubscriptionFacts subscription={subscription} />
    </>
  );
}

/** While an endpoint does nothing but fail, it is spared. */
function Circuit({ subscription: { circuit, status } }: { subscription: Subscription }) {
  if (circuit?.state !== "open" || status !== "active") return null;
  return (
    <Note tone="warn">
      <strong>Your endpoint is down.</strong> It has done nothing but fail
      {circuit.failingSince && (
        <>
          {" "}
          since <Time at={circuit.failingSince} />
        </>
      )}
      , so the relay tries it with one event now and then
      {circuit.nextAttemptAt && (
        <>
          , next <Countdown to={circuit.nextAttemptAt} />
        </>
      )}
      . Nothing is lost: as soon as one succeeds, everything else follows, in order.
    </Note>
  );
}

function LastError({ error }: { error: NonNullable<Subscription["lastError"]> }) {
  const failure = explainFailure(error);
  return (
    <Section
      title="The last failure"
      lead={
        <>
          <Time at={error.at} />, {nameOutcome(error)}
        </>
      }
    >
      <p>
        <strong>{failure?.what}</strong> {failure?.todo}
      </p>
    </Section>
  );
}
