import { Link, linkOptions } from "@tanstack/react-router";
import { BookMarked, Handshake, type LucideIcon, Radio } from "lucide-react";
import { type ReactNode, useId } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/role.ts";
import { StateBadge } from "../../parts/badge.tsx";
import { LinkButton } from "../../parts/button.tsx";
import { Note } from "../../parts/note.tsx";
import { countOf } from "../../parts/words.ts";
import styles from "./home.module.css";

const ASKED = 100;
const SHOWN = 4;

/** The three things that an organization can do here: what it has of each, and the next step. */
export function Doors({ organizationId }: { organizationId: string }) {
  const init = { params: { query: { limit: ASKED } } };
  const apis = api.useQuery("get", "/v1/apis", init).data;
  const subscriptions = api.useQuery("get", "/v1/subscriptions", init).data;
  const granted = { as: "dataOwner", status: "granted", limit: ASKED } as const;
  const consents = api.useQuery("get", "/v1/consents", { params: { query: granted } }).data;
  if (!apis || !subscriptions || !consents) return null;
  const isNew = apis.data.length + subscriptions.data.length + consents.data.length === 0;
  const { publish, subscribe, yourData } = linksOf({ organizationId });
  return (
    <>
      {isNew && (
        <Note>
          Publishers describe their events in an AsyncAPI document and send them here. Apps subscribe, and get each
          event in order, tried again until it has arrived. Where an API asks for consent, nothing about an organization
          is sent before it has said yes.
        </Note>
      )}
      <div className={styles.doors}>
        <Door
          icon={Radio}
          title="Publish"
          text={sayCount(apis, "API", "Register an API, and let others subscribe to its events.")}
          links={publish}
        >
          {apis.data.slice(0, SHOWN).map(({ id, title }) => (
            <li key={id} className={styles.item}>
              <Link to="/o/$organizationId/apis/$apiId" params={{ organizationId, apiId: id }}>
                {title}
              </Link>
            </li>
          ))}
        </Door>
        <Door
          icon={BookMarked}
          title="Subscribe"
          text={sayCount(
            subscriptions,
            "subscription",
            "Find an API in the directory, and have its events sent to you.",
          )}
          links={subscribe}
        >
          {subscriptions.data.slice(0, SHOWN).map(({ id, description, apiTitle, status }) => (
            <li key={id} className={styles.item}>
              <Link
                to="/o/$organizationId/subscriptions/$subscriptionId"
                params={{ organizationId, subscriptionId: id }}
              >
                {description ?? apiTitle}
              </Link>
              {status !== "active" && <StateBadge state={status} />}
            </li>
          ))}
        </Door>
        <Door
          icon={Handshake}
          title="Your data"
          text={sayCount(consents, "consent", "Decide which apps receive events about you.", "granted ")}
          links={yourData}
        >
          {consents.data.slice(0, SHOWN).map(({ id, app }) => (
            <li key={id} className={styles.item}>
              <Link to="/o/$organizationId/consents/$consentId" params={{ organizationId, consentId: id }}>
                {app.name}
              </Link>
            </li>
          ))}
        </Door>
      </div>
    </>
  );
}

/** Of each door the next step, and where all of it is. */
const linksOf = (params: { organizationId: string }) => ({
  publish: linkOptions([
    { label: "Register an API", to: "/o/$organizationId/apis/new", params },
    { label: "All APIs", to: "/o/$organizationId/apis", params },
  ]),
  subscribe: linkOptions([
    { label: "Find an API", to: "/o/$organizationId/directory", params },
    { label: "All subscriptions", to: "/o/$organizationId/subscriptions", params },
  ]),
  yourData: linkOptions([
    { label: "Activate an app", to: "/o/$organizationId/consents/activate", params },
    { label: "All consents", to: "/o/$organizationId/consents", params },
  ]),
});

type Links = ReturnType<typeof linksOf>;
type DoorProps = { icon: LucideIcon; title: string; text: string; links: Links[keyof Links]; children: ReactNode[] };

function Door({ icon: Icon, title, text, links: [next, all], children }: DoorProps) {
  const id = useId();
  const mayChange = useMay("developer");
  return (
    <section className={styles.door} aria-labelledby={id}>
      <Icon aria-hidden="true" />
      <h2 id={id}>{title}</h2>
      <p>{text}</p>
      {children.length > 0 && <ul>{children}</ul>}
      <div className={styles.actions}>
        {mayChange && (
          <LinkButton size="small" to={next.to} params={next.params}>
            {next.label}
          </LinkButton>
        )}
        <LinkButton tone="quiet" size="small" to={all.to} params={all.params}>
          {all.label}
        </LinkButton>
      </div>
    </section>
  );
}

type List = { data: unknown[]; nextCursor: string | null };

/** How many there are, as far as one page tells; of none, what to do. */
function sayCount({ data, nextCursor }: List, what: string, ofNone: string, which = ""): string {
  if (data.length === 0) return ofNone;
  if (nextCursor !== null) return `More than ${data.length} ${which}${what}s.`;
  return `${countOf(data.length, which + what)}.`;
}
