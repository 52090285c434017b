import { Badge } from "../../parts/badge.tsx";
import { CodeBlock } from "../../parts/code.tsx";
import { sayMs } from "../../parts/duration.ts";
import { Note } from "../../parts/note.tsx";
import { explainFailure, nameOutcome } from "./deliveries/failure-words.ts";
import { previewHeaders, previewUrl } from "./deliveries/request-preview.ts";
import styles from "./subscription.module.css";
import type { ListedSubscription } from "./subscription-types.ts";

export type TestAnswer = { eventId: string; status: number; ms: number; error: string | null; response: string };

type Props = { subscription: ListedSubscription; channel: string; answer: TestAnswer };

/** What was sent, what came back, and what to do where that is no success. */
export function TestResult({ subscription, channel, answer }: Props) {
  const failure = explainFailure(answer);
  const headers = previewHeaders(subscription, { id: answer.eventId, channel, partitionKey: null });
  const request = [
    `POST ${previewUrl(subscription, channel)}`,
    ...[...headers, { name: "event-test", value: "true" }].map(({ name, value }) => `${name}: ${value}`),
    "",
    "[a sample of the channel's message]",
  ];
  return (
    <div className={styles.result}>
      <div className={styles.resultHead}>
        <Badge tone={failure ? "bad" : "good"} hasDot>
          {nameOutcome(answer)}
        </Badge>
        <span>{failure ? failure.what : "Your endpoint took it."}</span>
        <span className={styles.soft}>{sayMs(answer.ms)}</span>
      </div>
      {failure ? (
        <Note tone="warn">{failure.todo}</Note>
      ) : (
        <Note tone="good">
          Deliveries will arrive like this one. Check the signature as well: that your endpoint answers says nothing of
          whether it has.
        </Note>
      )}
      <div className={styles.exchange}>
        {answer.status !== 0 && (
          <div>
            <h3>Answer</h3>
            <CodeBlock label="answer of the endpoint" code={answer.response || "(nothing in its body)"} />
          </div>
        )}
        <div>
          <h3>Request</h3>
          <CodeBlock label="request that was sent" code={request.join("\n")} />
        </div>
      </div>
    </div>
  );
}
