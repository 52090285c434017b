import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { seatIn, sessionQuery } from "../../api/session.ts";
import { Badge } from "../../parts/badge.tsx";
import { LinkButton } from "../../parts/button.tsx";
import { Note, ProblemNote } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { NoticeLink } from "../notices/notice-link.tsx";
import { NoticeList } from "../notices/notice-list.tsx";
import { sayNotice } from "../notices/notice-words.ts";
import { useNames } from "../notices/use-names.ts";
import { Doors } from "./doors.tsx";
import styles from "./home.module.css";
import { useNeeds } from "./use-needs.ts";

const route = getRouteApi("/o/$organizationId/");

/** Where an organization begins: what needs somebody, its three doors, and what the relay told it last. */
export function HomePage() {
  const { organizationId } = route.useParams();
  const { data: session } = useQuery(sessionQuery);
  const name = seatIn(session, organizationId)?.name ?? "Home";
  return (
    <Page title={name}>
      <Needs organizationId={organizationId} />
      <Doors organizationId={organizationId} />
      <Latest organizationId={organizationId} />
    </Page>
  );
}

function Needs({ organizationId }: { organizationId: string }) {
  const queries = useQueryClient();
  const { needs, error } = useNeeds();
  if (error) return <ProblemNote error={error} onRetry={() => void queries.refetchQueries({ type: "active" })} />;
  if (!needs) return null;
  if (needs.length === 0) return <Note tone="good">Nothing waits for you.</Note>;
  return (
    <Section title="Needs your attention" isFlush>
      <ul className={styles.needs}>
        {needs.map(({ id, text, tone, kind, place }) => (
          <li key={id}>
            <Badge tone={tone}>{kind}</Badge>
            <NoticeLink place={place} organizationId={organizationId}>
              {text}
            </NoticeLink>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const LATEST = 5;

function Latest({ organizationId }: { organizationId: string }) {
  const names = useNames();
  const { data } = api.useQuery("get", "/v1/notices", { params: { query: { limit: 100 } } });
  const notices = data?.data.slice(0, LATEST) ?? [];
  if (notices.length === 0) return null;
  return (
    <Section
      title="What the relay told you last"
      actions={
        <LinkButton size="small" to="/o/$organizationId/notices" params={{ organizationId }}>
          All notices
        </LinkButton>
      }
      isFlush
    >
      <NoticeList notices={notices} say={(notice) => sayNotice(notice, names)}>
        {(_, { text, place }) => (
          <NoticeLink place={place} organizationId={organizationId}>
            {text}
          </NoticeLink>
        )}
      </NoticeList>
    </Section>
  );
}
