import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { webAddress } from "../../../markup/web-address.ts";
import { Badge } from "../../parts/badge.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Markdown, WebLink } from "../../parts/markdown.tsx";
import { Note } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./directory.module.css";
import { DocumentDownloads } from "./document-downloads.tsx";
import { TagList } from "./tag-list.tsx";
import type { DirectoryApi } from "./the-directory-api.ts";

const route = getRouteApi("/o/$organizationId/directory/$apiId");

/** What somebody wants to know before subscribing: whose it is, what for, and what stands between a subscription and events. */
export function ApiOverview({ api }: { api: DirectoryApi }) {
  const { organizationId } = route.useParams();
  return (
    <Section>
      {api.publisher.id === organizationId && <OwnApiNote apiId={api.id} />}
      {api.description === null ? (
        <p className={styles.soft}>Its publisher has not described this API.</p>
      ) : (
        <Markdown text={api.description} />
      )}
      <Facts>
        <Fact label="Publisher">
          <Link to="/o/$organizationId/directory" params={{ organizationId }} search={{ publisher: api.publisher.id }}>
            {api.publisher.name}
          </Link>
        </Fact>
        <Fact label="Channels">{api.channels.length}</Fact>
        <Fact label="Changed">
          <Time at={api.updatedAt} />
        </Fact>
        {namedLinks(api).map(({ label, text }) => (
          <Fact key={label} label={label}>
            <MaybeLink text={text} />
          </Fact>
        ))}
        <Fact label="AsyncAPI document">
          <DocumentDownloads apiId={api.id} title={api.title} />
        </Fact>
      </Facts>
      <Terms api={api} />
      <TagList tags={api.tags} />
    </Section>
  );
}

function OwnApiNote({ apiId }: { apiId: string }) {
  const { organizationId } = route.useParams();
  const { portal } = route.useRouteContext();
  if (portal) return null;
  return (
    <Note>
      Your organization publishes this API.{" "}
      <Link to="/o/$organizationId/apis/$apiId" params={{ organizationId, apiId }}>
        Manage it
      </Link>
    </Note>
  );
}

/** What stands between subscribing and the first event. */
function Terms({ api: { id, access, approval, visibility } }: { api: DirectoryApi }) {
  return (
    <ul className={styles.terms}>
      <Term word={approval === "auto" ? "No approval" : "Approval"} isStep={approval === "manual"}>
        {approval === "auto"
          ? "A subscription is active at once."
          : "The publisher approves each subscription. Until then it is pending, and no event comes."}
      </Term>
      <Term word={access === "open" ? "No consent" : "Consent"} isStep={access === "consent"}>
        {access === "open"
          ? "Every event of the channels you choose comes to you."
          : "Only events of data owners who have consented come to you, from their consent on. You ask them from your subscription, and they may revoke it at any time."}
        {access === "consent" && <ForDataOwners apiId={id} />}
      </Term>
      {visibility === "private" && (
        <Term word="Private" isStep={false}>
          Only its publisher, and those it is shared with, can see this API. When the share ends, so do its events.
        </Term>
      )}
    </ul>
  );
}

/** The other side: whose events these are finds here who could have them. */
function ForDataOwners({ apiId }: { apiId: string }) {
  const { organizationId } = route.useParams();
  const { portal } = route.useRouteContext();
  if (portal) return null;
  return (
    <p>
      Is it about your organization?{" "}
      <Link to="/o/$organizationId/consents/activate" params={{ organizationId }} search={{ apiId }}>
        See which apps you can let have its events
      </Link>
    </p>
  );
}

const Term = ({ word, isStep, children }: { word: string; isStep: boolean; children: ReactNode }) => (
  <li>
    <Badge tone={isStep ? "warn" : "neutral"}>{word}</Badge>
    <div>{children}</div>
  </li>
);

function namedLinks({ documentation, support, pricing, terms }: DirectoryApi): { label: string; text: string }[] {
  const all = { Documentation: documentation, Support: support, Pricing: pricing, Terms: terms };
  return Object.entries(all).flatMap(([label, text]) => (text?.trim() ? [{ label, text: text.trim() }] : []));
}

/** What a publisher says may be an address, or words. */
function MaybeLink({ text }: { text: string }) {
  const address = webAddress(text);
  return address === null ? text : <WebLink address={address}>{text}</WebLink>;
}
