import { ChevronRight, Send } from "lucide-react";
import { useMay } from "../../api/role.ts";
import { LinkButton } from "../../parts/button.tsx";
import { CodeBlock, CopyLine } from "../../parts/code.tsx";
import { summaryOf } from "../../parts/markdown.tsx";
import { Section } from "../../parts/page.tsx";
import type { Channel, Message } from "./api-types.ts";
import styles from "./channel-card.module.css";
import { useApiParams } from "./the-api.tsx";

/** One channel: where it is published to, and what. */
export function ChannelCard({ channel }: { channel: Channel }) {
  const params = useApiParams();
  const mayPublish = useMay("developer");
  return (
    <Section
      title={channel.title ?? channel.address}
      lead={channel.description && summaryOf(channel.description, LEAD_CHARS_MAX)}
      actions={
        mayPublish && (
          <LinkButton
            size="small"
            to="/o/$organizationId/apis/$apiId"
            params={params}
            search={{ publish: channel.address }}
          >
            <Send aria-hidden="true" />
            Publish a test event
          </LinkButton>
        )
      }
    >
      <CopyLine
        value={`${location.origin}/v2/events/${channel.address}`}
        label={`the URL to publish to ${channel.address}`}
      />
      {channel.messages.map((message) => (
        <MessageDetails key={message.name} message={message} />
      ))}
    </Section>
  );
}

function MessageDetails({ message: { name, contentType, schema, examples } }: { message: Message }) {
  return (
    <details className={styles.message}>
      <summary>
        <ChevronRight aria-hidden="true" />
        <span>{name}</span>
        <small>{contentType ?? "application/json"}</small>
      </summary>
      <div className={styles.inside}>
        {schema === null ? (
          <p>The document has no JSON Schema for this message.</p>
        ) : (
          <>
            <h3>Schema</h3>
            <CodeBlock label={`Schema of ${name}`} code={JSON.stringify(schema, null, 2)} />
          </>
        )}
        {examples.length > 0 && <h3>{examples.length === 1 ? "Example" : "Examples"}</h3>}
        {examples.slice(0, EXAMPLES_MAX).map((example, n) => (
          <CodeBlock
            // biome-ignore lint/suspicious/noArrayIndexKey: a document's examples keep their places
            key={n}
            label={`Example ${n + 1} of ${name}`}
            code={JSON.stringify(example, null, 2)}
          />
        ))}
      </div>
    </details>
  );
}

const EXAMPLES_MAX = 3; // the document has them all
const LEAD_CHARS_MAX = 400;
