import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/role.ts";
import { LoadedPage } from "../../frame/loaded-page.tsx";
import { StateBadge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/code.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { SeekDialog } from "../subscriptions/seek-dialog.tsx";
import type { Delivery } from "../subscriptions/subscription-types.ts";
import { AttemptTimeline } from "./attempt-timeline.tsx";
import { Countdown } from "./countdown.tsx";
import { DeliveryActions } from "./delivery-actions.tsx";
import { DeliveryRequest } from "./delivery-request.tsx";
import { explainDelivery } from "./delivery-words.ts";

const route = getRouteApi("/o/$organizationId/deliveries/$deliveryId");

const POLL_MS = 2_000;
const FINAL = ["delivered", "skipped"];

/** One event on its way to one subscription. */
export function DeliveryPage() {
  const { deliveryId } = route.useParams();
  const query = api.useQuery(
    "get",
    "/v1/deliveries/{deliveryId}",
    { params: { path: { deliveryId } } },
    { refetchInterval: ({ state }) => (state.data && FINAL.includes(state.data.status) ? false : POLL_MS) },
  );
  return (
    <LoadedPage query={query} title="Delivery" what="the delivery">
      {(delivery) => <DeliveryView delivery={delivery} />}
    </LoadedPage>
  );
}

function DeliveryView({ delivery }: { delivery: Delivery }) {
  const { organizationId } = route.useParams();
  const [isSeeking, setSeeking] = useState(false);
  const mayWrite = useMay("developer");
  const { id, eventId, subscriptionId, channel, partitionKey, acceptedAt, status, nextAttemptAt } = delivery;
  const subscription = api.useQuery("get", "/v1/subscriptions/{id}", { params: { path: { id: subscriptionId } } });
  const crumbs = (
    <Crumbs
      organizationId={organizationId}
      subscriptionId={subscriptionId}
      title={subscription.data?.apiTitle ?? "Subscription"}
    />
  );
  const actions = mayWrite && (
    <>
      <DeliveryActions deliveryId={id} partitionKey={partitionKey} status={status} />
      <Button onClick={() => setSeeking(true)}>Send again from here…</Button>
    </>
  );
  return (
    <Page
      title={channel}
      beside={<StateBadge state={status} />}
      lead={explainDelivery(delivery)}
      crumbs={crumbs}
      actions={actions}
    >
      <Section>
        <Facts>
          <Fact label="Partition key">{partitionKey ?? "none: held up by nobody"}</Fact>
          <Fact label="Accepted">
            <Time at={acceptedAt} />
          </Fact>
          {nextAttemptAt && (
            <Fact label="Next attempt">
              <Countdown to={nextAttemptAt} />
            </Fact>
          )}
          <Fact label="Event id">
            <Id id={eventId} />
          </Fact>
        </Facts>
      </Section>
      <AttemptTimeline delivery={delivery} />
      {subscription.data?.endpoint && <DeliveryRequest subscription={subscription.data} delivery={delivery} />}
      {isSeeking && <SeekDialog subscriptionId={subscriptionId} eventId={eventId} onClose={() => setSeeking(false)} />}
    </Page>
  );
}

const Crumbs = (props: { organizationId: string; subscriptionId: string; title: string }) => (
  <>
    <Link to="/o/$organizationId/subscriptions" params={props}>
      Subscriptions
    </Link>
    /
    <Link to="/o/$organizationId/subscriptions/$subscriptionId" params={props}>
      {props.title}
    </Link>
    /
    <Link to="/o/$organizationId/subscriptions/$subscriptionId/deliveries" params={props}>
      Deliveries
    </Link>
  </>
);
