import { getRouteApi } from "@tanstack/react-router";
import { Pause, Play, ScrollText, Search } from "lucide-react";
import { useState } from "react";
import { api as relay } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { Button, LinkButton } from "../../parts/button.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import styles from "./api-events.module.css";
import type { Api } from "./api-types.ts";
import { isSearch, toQuery } from "./event-search.ts";
import { EventSearchForm } from "./event-search-form.tsx";
import { EventTable } from "./event-table.tsx";
import { TheApi, useApiParams } from "./the-api.tsx";

const route = getRouteApi("/o/$organizationId/apis/$apiId/events");
const REFRESH_MS = 4_000;

/** What was published, the newest first. */
export const ApiEvents = () => <TheApi>{(api) => <EventLog api={api} />}</TheApi>;

function EventLog({ api }: { api: Api }) {
  const search = route.useSearch();
  const [isPaused, setPaused] = useState(false);
  const query = relay.useInfiniteQuery(
    "get",
    "/v1/apis/{id}/events",
    { params: { path: { id: api.id }, query: toQuery(search) } },
    {
      ...PAGED,
      // Whoever has turned pages is looking back, and new events would move all of them.
      refetchInterval: ({ state }) => (isPaused || (state.data?.pages.length ?? 0) > 1 ? false : REFRESH_MS),
    },
  );
  const isBack = (query.data?.pages.length ?? 0) > 1;
  return (
    <>
      <details className={styles.search} open={isSearch(search)}>
        <summary>
          <Search aria-hidden="true" />
          Search by channel, key, data owner, request or time
        </summary>
        <EventSearchForm key={JSON.stringify(search)} api={api} search={search} />
      </details>
      <Section
        title="Events"
        lead={isBack ? "You are looking back: new events do not appear." : sayFreshness(isPaused)}
        actions={
          !isBack && (
            <Button size="small" onClick={() => setPaused(!isPaused)}>
              {isPaused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
              {isPaused ? "Go on" : "Pause"}
            </Button>
          )
        }
        isFlush
      >
        <Paged query={query} what="the events" empty={<NoEvents isFiltered={isSearch(search)} />}>
          {(rows) => <EventTable events={rows} />}
        </Paged>
      </Section>
    </>
  );
}

const sayFreshness = (isPaused: boolean): string =>
  isPaused ? "Paused: new events do not appear." : "New events appear by themselves.";

function NoEvents({ isFiltered }: { isFiltered: boolean }) {
  const params = useApiParams();
  const mayPublish = useMay("developer");
  if (isFiltered)
    return (
      <Empty
        icon={ScrollText}
        title="No event is so"
        actions={
          <LinkButton to="/o/$organizationId/apis/$apiId/events" params={params}>
            Show all events
          </LinkButton>
        }
      >
        Events are kept as long as the API's settings say, and longer only where somebody is still to get them.
      </Empty>
    );
  return (
    <Empty
      icon={ScrollText}
      title="Nothing was published yet"
      actions={
        mayPublish && (
          <LinkButton to="/o/$organizationId/apis/$apiId" params={params}>
            Publish a test event
          </LinkButton>
        )
      }
    >
      Each event that a publisher sends stands here, with what became of it at every subscription.
    </Empty>
  );
}
