import { Badge } from "../../../parts/badge.tsx";
import { CodeBlock } from "../../../parts/code.tsx";
import { Countdown } from "../../../parts/countdown.tsx";
import { sayDuration, sayMs } from "../../../parts/duration.ts";
import { Section } from "../../../parts/page.tsx";
import { Time } from "../../../parts/time.tsx";
import type { Attempt, Delivery } from "../subscription-types.ts";
import styles from "./delivery.module.css";
import { explainFailure, nameOutcome } from "./failure-words.ts";

/** From when the event was accepted to what comes next, the newest on top. */
export function AttemptTimeline({ delivery: { acceptedAt, attempts, nextAttemptAt, status } }: { delivery: Delivery }) {
  const steps = attempts.map((attempt, n) => ({ attempt, n, waitedMs: sinceBefore(attempts, n, acceptedAt) }));
  return (
    <Section title="Attempts">
      <ol className={styles.timeline} reversed>
        {nextAttemptAt && status === "failing" && (
          <li className={styles.coming}>
            <strong>
              Next attempt <Countdown to={nextAttemptAt} />
            </strong>
          </li>
        )}
        {steps.toReversed().map(({ attempt, n, waitedMs }) => (
          <AttemptStep
            key={attempt.at}
            attempt={attempt}
            number={n + 1}
            waitedMs={waitedMs}
            newer={attempts[n + 1] ?? null}
          />
        ))}
        <li className={styles.begin}>
          <strong>Accepted</strong>
          <span className={styles.soft}>
            <Time at={acceptedAt} isExact />
          </span>
        </li>
      </ol>
    </Section>
  );
}

/** How long it was quiet before an attempt. */
function sinceBefore(attempts: Attempt[], n: number, acceptedAt: string): number {
  const before = attempts[n - 1];
  const quietMs = before ? Date.parse(before.at) + before.ms : Date.parse(acceptedAt);
  return Math.max(0, Date.parse(attempts[n]?.at ?? acceptedAt) - quietMs);
}

/** `newer`: the attempt that came after it; what that one says already is not said again. */
type StepProps = { attempt: Attempt; number: number; waitedMs: number; newer: Attempt | null };

function AttemptStep({ attempt, number, waitedMs, newer }: StepProps) {
  const failure = explainFailure(attempt);
  const isRepeat = newer !== null && explainFailure(newer)?.what === failure?.what;
  return (
    <li className={failure ? styles.failed : styles.good}>
      <div className={styles.stepHead}>
        <strong>Attempt {number}</strong>
        <Badge tone={failure ? "bad" : "good"}>{nameOutcome(attempt)}</Badge>
        <span className={styles.soft}>
          <Time at={attempt.at} isExact /> · {attempt.status === 0 ? "ended after" : "answered in"} {sayMs(attempt.ms)}{" "}
          · {sayDuration(waitedMs / 1000)} after {number === 1 ? "it was accepted" : "the one before"}
        </span>
      </div>
      {failure && !isRepeat && (
        <p>
          {failure.what} {newer === null && failure.todo}
        </p>
      )}
      {attempt.response && attempt.response !== newer?.response && (
        <CodeBlock label={`answer to attempt ${number}`} code={attempt.response} />
      )}
    </li>
  );
}
