import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Note } from "../../parts/note.tsx";
import type { Kind, Language } from "../../samples/templates.ts";
import styles from "./directory.module.css";
import type { DirectoryApi } from "./the-directory-api.ts";

const route = getRouteApi("/o/$organizationId/directory/$apiId/code");

type Props = { api: DirectoryApi; kind: Kind; language: Language };

/** What a sample wants from its environment, and where that comes from. */
export function SampleNeeds({ api, kind, language }: Props) {
  const { organizationId } = route.useParams();
  if (kind === "publish") return <PublishNeeds api={api} isOwn={api.publisher.id === organizationId} />;
  return language === "curl" ? <FetchNeeds /> : <WebhookNeeds apiId={api.id} />;
}

function PublishNeeds({ api, isOwn }: { api: DirectoryApi; isOwn: boolean }) {
  const { organizationId } = route.useParams();
  if (!isOwn) return <Note>Only {api.publisher.name}, who publishes this API, can run this.</Note>;
  return (
    <Needs>
      <Need names={["RELAY_CLIENT_ID", "RELAY_CLIENT_SECRET"]}>
        A credential of the API. Make one among{" "}
        <Link to="/o/$organizationId/apis/$apiId/credentials" params={{ organizationId, apiId: api.id }}>
          its credentials
        </Link>
        ; its secret is shown once.
      </Need>
      {api.access === "consent" && (
        <Need names={["DATA_OWNER_ID"]}>
          The organization that the event is about. It goes to those whom that organization has consented to.
        </Need>
      )}
    </Needs>
  );
}

function WebhookNeeds({ apiId }: { apiId: string }) {
  const { organizationId } = route.useParams();
  return (
    <Needs>
      <Need names={["RELAY_SIGNING_SECRET"]}>
        Shown once, when you{" "}
        <Link to="/o/$organizationId/subscriptions/new" params={{ organizationId }} search={{ apiId }}>
          subscribe
        </Link>{" "}
        with the address where this program runs.
      </Need>
      <Need names={["PORT"]}>Where it listens; 9000 if you say nothing.</Need>
    </Needs>
  );
}

const FetchNeeds = () => (
  <Needs>
    <Need names={["RELAY_API_KEY", "RELAY_API_SECRET"]}>A credential of your app; its secret is shown once.</Need>
    <Need names={["RELAY_SUBSCRIPTION_ID"]}>
      A subscription of that app without an endpoint: curl cannot be called, so it fetches.
    </Need>
  </Needs>
);

const Needs = ({ children }: { children: ReactNode }) => <dl className={styles.needs}>{children}</dl>;

const Need = ({ names, children }: { names: string[]; children: ReactNode }) => (
  <div>
    <dt>
      {names.map((name) => (
        <code key={name}>{name}</code>
      ))}
    </dt>
    <dd>{children}</dd>
  </div>
);
