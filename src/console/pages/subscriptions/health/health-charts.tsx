import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { api } from "../../../api/client.ts";
import { Chart } from "../../../charts/chart.tsx";
import { sayStep, seriesOfBacklog, seriesOfLatency, seriesOfSuccess } from "../../../charts/series.ts";
import { FilterLink, Filters } from "../../../parts/filters.tsx";
import { Loaded } from "../../../parts/loaded.tsx";
import { Section } from "../../../parts/page.tsx";
import type { Health } from "../subscription-types.ts";
import styles from "./health.module.css";

const route = getRouteApi("/o/$organizationId/subscriptions/$subscriptionId/");

const SPANS = { hour: "Last hour", day: "Last day", week: "Last week" };
type Span = keyof typeof SPANS;

const readSpan = (text: string | undefined): Span => (text === "day" || text === "week" ? text : "hour");

/** A bucket of the shortest span is a minute: asking more often shows nothing new. */
const POLL_MS = 15_000;

/** How a subscription did over a time. */
export function HealthCharts({ subscriptionId }: { subscriptionId: string }) {
  const params = route.useParams();
  const span = readSpan(route.useSearch().span);
  const query = api.useQuery(
    "get",
    "/v1/subscriptions/{id}/health",
    { params: { path: { id: subscriptionId }, query: { span } } },
    { refetchInterval: POLL_MS, placeholderData: (before) => before },
  );
  const filters = (
    <Filters label="Time">
      {Object.entries(SPANS).map(([one, words]) => (
        <FilterLink
          key={one}
          to="/o/$organizationId/subscriptions/$subscriptionId"
          params={params}
          search={one === "hour" ? {} : { span: one }}
          isOn={one === span}
          replace
          resetScroll={false}
        >
          {words}
        </FilterLink>
      ))}
    </Filters>
  );
  return (
    <Section title="How it went" actions={filters}>
      <Loaded query={query} what="the charts">
        {(health) => <Charts health={health} />}
      </Loaded>
    </Section>
  );
}

function Charts({ health }: { health: Health }) {
  const { buckets, bucketSeconds, isComplete, span } = health;
  const shown = useMemo(
    () => ({
      atMs: buckets.map(({ at }) => Date.parse(at)),
      all: [seriesOfSuccess(buckets), seriesOfLatency(buckets), seriesOfBacklog(buckets)],
    }),
    [buckets],
  );
  return (
    <>
      <div className={styles.charts}>
        {shown.all.map((series) => (
          <Chart key={series.title} series={series} atMs={shown.atMs} isLong={span === "week"} />
        ))}
      </div>
      <p className={styles.soft}>
        Times are yours, {sayStep(bucketSeconds)}. The backlog is noted every five minutes, while attempts are made.
        {!isComplete && " Of the older points some say less than there was."}
      </p>
    </>
  );
}
