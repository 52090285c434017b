import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { AppWindow, BookMarked, Link2Off, Webhook } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "../api/client.ts";
import type { Portal } from "../api/portal.ts";
import { portalLinkQuery } from "../api/portal-link.ts";
import { ApiProblem } from "../api/problem.ts";
import { Empty, Loading, ProblemNote } from "../parts/note.tsx";
import { Page } from "../parts/page.tsx";
import { Foot } from "./account.tsx";
import styles from "./frame.module.css";
import { Frame } from "./frame.tsx";
import { NavigationGroup, NavigationLink } from "./navigation.tsx";

/** One app's part of the console, as another product shows it: for as long as its link is good. */
export function PortalFrame({ portal }: { portal: Portal }) {
  const { data: link, error, refetch } = useQuery(portalLinkQuery(portal));
  const isExpired = useIsPast(link?.expiresAt);
  if (portal.token === "" || isExpired || isOver(error)) return <LinkIsOver />;
  if (link) return <OneApp organizationId={portal.organizationId} appId={link.appId} />;
  return (
    <main>
      <Page title="One moment">
        {error ? <ProblemNote error={error} onRetry={() => void refetch()} /> : <Loading what="the app" />}
      </Page>
    </main>
  );
}

/** The relay does not know the link, not any more, or not for what the address names. */
const isOver = (error: unknown): boolean => error instanceof ApiProblem && [401, 403, 404].includes(error.status);

/** The longest that `setTimeout` can wait; a link lives a day at most. */
const TIMER_MS_MAX = 2 ** 31 - 1;

function useIsPast(at: string | undefined): boolean {
  const [isPast, setPast] = useState(false);
  useEffect(() => {
    if (at === undefined) return;
    const restMs = Math.min(Date.parse(at) - Date.now(), TIMER_MS_MAX);
    const timer = setTimeout(() => setPast(true), Math.max(0, restMs));
    return () => clearTimeout(timer);
  }, [at]);
  return isPast;
}

const LinkIsOver = () => (
  <main>
    <Page title="This link is over" isNarrow>
      <Empty icon={Link2Off} title="Open it again from where you came from">
        Links like this one are good for a short time, and can be revoked. Go back to the page that showed it to you and
        load that again: you get a new one.
      </Empty>
    </Page>
  </main>
);

function OneApp({ organizationId, appId }: { organizationId: string; appId: string }) {
  const { data: app } = api.useQuery("get", "/v1/apps/{id}", { params: { path: { id: appId } } });
  const params = { organizationId };
  return (
    <Frame
      brand={
        <Link to="/o/$organizationId/apps/$appId" params={{ organizationId, appId }} className={styles.brand}>
          {app?.name ?? "App"}
        </Link>
      }
    >
      <nav aria-label="Console">
        <NavigationGroup>
          <NavigationLink icon={AppWindow} to="/o/$organizationId/apps/$appId" params={{ organizationId, appId }}>
            App
          </NavigationLink>
          <NavigationLink icon={Webhook} to="/o/$organizationId/subscriptions" params={params}>
            Subscriptions
          </NavigationLink>
          <NavigationLink icon={BookMarked} to="/o/$organizationId/directory" params={params}>
            Directory
          </NavigationLink>
        </NavigationGroup>
      </nav>
      <Foot canSignOut={false} />
    </Frame>
  );
}
