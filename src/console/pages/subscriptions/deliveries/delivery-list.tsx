import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowUp, Inbox } from "lucide-react";
import { StateBadge } from "../../../parts/badge.tsx";
import { Button } from "../../../parts/button.tsx";
import { Countdown } from "../../../parts/countdown.tsx";
import { Empty, Loading, ProblemNote } from "../../../parts/note.tsx";
import { More } from "../../../parts/paged.tsx";
import { type Column, Table } from "../../../parts/table.tsx";
import { Time } from "../../../parts/time.tsx";
import { countOf } from "../../../parts/words.ts";
import type { Delivery } from "../subscription-types.ts";
import styles from "./deliveries.module.css";
import { nameOutcome } from "./failure-words.ts";
import { type DeliveryFilter, useLiveDeliveries } from "./use-live-deliveries.ts";

const route = getRouteApi("/o/$organizationId");

type Props = { subscriptionId: string; filter: DeliveryFilter; isPaused: boolean };

/** The list itself: what is new comes on top, and waits there while somebody reads further down. */
export function DeliveryList({ subscriptionId, filter, isPaused }: Props) {
  const live = useLiveDeliveries(subscriptionId, filter, isPaused);
  const { list, newest, waiting } = live;
  if (!list)
    return newest.error ? (
      <ProblemNote error={newest.error} onRetry={() => void newest.refetch()} />
    ) : (
      <Loading what="deliveries" />
    );
  return (
    <div ref={live.box}>
      <div className={styles.news} role="status">
        {waiting > 0 && (
          <Button size="small" tone="primary" onClick={live.showWaiting}>
            <ArrowUp aria-hidden="true" />
            {countOf(waiting, "new delivery", "new deliveries")}
          </Button>
        )}
      </div>
      {newest.error && <ProblemNote error={newest.error} onRetry={() => void newest.refetch()} />}
      {list.rows.length > 0 && <DeliveryTable rows={list.rows} />}
      {list.rows.length === 0 && list.olderCursor === null && <NoDelivery />}
      <More query={live.older} isEmpty={list.rows.length === 0} />
    </div>
  );
}

const NoDelivery = () => (
  <Empty icon={Inbox} title="No delivery yet">
    As soon as an event is published that this subscription wants, it stands here, with each attempt.
  </Empty>
);

function DeliveryTable({ rows }: { rows: Delivery[] }) {
  const { organizationId } = route.useParams();
  const columns: Column<Delivery>[] = [
    {
      label: "Event",
      cell: ({ id, channel }) => (
        <Link to="/o/$organizationId/deliveries/$deliveryId" params={{ organizationId, deliveryId: id }}>
          {channel}
        </Link>
      ),
    },
    { label: "Key", cell: ({ partitionKey }) => partitionKey ?? <span className={styles.soft}>none</span> },
    { label: "State", cell: ({ status }) => <StateBadge state={status} /> },
    { label: "Attempts", cell: sayAttempts },
    { label: "Next", cell: ({ nextAttemptAt }) => nextAttemptAt && <Countdown to={nextAttemptAt} /> },
    { label: "Accepted", isEnd: true, cell: ({ acceptedAt }) => <Time at={acceptedAt} /> },
  ];
  return <Table caption="Deliveries" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

function sayAttempts({ attempts }: Delivery) {
  const last = attempts.at(-1);
  if (!last) return <span className={styles.soft}>none yet</span>;
  return (
    <span>
      {attempts.length} <span className={styles.soft}>· {nameOutcome(last)}</span>
    </span>
  );
}
