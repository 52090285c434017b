import { getRouteApi, Link } from "@tanstack/react-router";
import { useMay } from "../../api/role.ts";
import { Countdown } from "../../parts/countdown.tsx";
import { Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { countOf } from "../../parts/words.ts";
import { DeliveryActions } from "./deliveries/delivery-actions.tsx";
import { acceptedAtOf } from "./event-time.ts";
import type { Subscription } from "./subscription-types.ts";

const route = getRouteApi("/o/$organizationId");

type Blocked = NonNullable<Subscription["blocked"]>[number];

/** Keys whose first event fails, so that the later ones wait. */
export function BlockedKeys({
  subscription: { id, blockedKeys },
  blocked,
}: {
  subscription: Subscription;
  blocked: Blocked[];
}) {
  const { organizationId } = route.useParams();
  const mayWrite = useMay("developer");
  const columns: Column<Blocked>[] = [
    {
      label: "Key",
      cell: ({ partitionKey, eventId }) => (
        <Link
          to="/o/$organizationId/deliveries/$deliveryId"
          params={{ organizationId, deliveryId: `${id}.${eventId}` }}
        >
          {partitionKey ?? "an event without a key"}
        </Link>
      ),
    },
    { label: "Since", cell: ({ eventId }) => <Time at={acceptedAtOf(eventId)} /> },
    { label: "Attempts", cell: ({ attempts }) => attempts },
    { label: "Next attempt", cell: ({ nextAttemptAt }) => <Countdown to={nextAttemptAt} /> },
  ];
  const actions: Column<Blocked> = {
    label: "",
    isEnd: true,
    cell: ({ partitionKey, eventId }) => (
      <DeliveryActions deliveryId={`${id}.${eventId}`} partitionKey={partitionKey} status="failing" size="small" />
    ),
  };
  const hidden = (blockedKeys ?? 0) - blocked.length;
  return (
    <Section
      title="Blocked keys"
      lead={`Their first event fails, and later ones of the same key wait for it. Other keys go on.${hidden > 0 ? ` ${countOf(hidden, "more key")} not shown here.` : ""}`}
      isFlush
    >
      <Table
        caption="Blocked keys"
        columns={mayWrite ? [...columns, actions] : columns}
        rows={blocked}
        keyOf={({ eventId }) => eventId}
      />
    </Section>
  );
}
