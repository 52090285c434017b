import { Link } from "@tanstack/react-router";
import type { Row } from "../../api/answer.ts";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { useApiParams } from "./the-api.tsx";

type Event = Row<"/v1/apis/{id}/events">;

export function EventTable({ events }: { events: Event[] }) {
  const params = useApiParams();
  const columns: Column<Event>[] = [
    {
      label: "Event",
      cell: ({ id }) => (
        <Link to="/o/$organizationId/events/$eventId" params={{ ...params, eventId: id }} title={id}>
          <code>{`${id.slice(0, 8)}…${id.slice(-4)}`}</code>
        </Link>
      ),
    },
    { label: "Channel", cell: ({ channel }) => <code>{channel}</code> },
    { label: "Partition key", cell: ({ partitionKey }) => (partitionKey === null ? "–" : <code>{partitionKey}</code>) },
    { label: "Accepted", cell: ({ acceptedAt }) => <Time at={acceptedAt} /> },
  ];
  return <Table caption="Events" columns={columns} rows={events} keyOf={({ id }) => id} />;
}
