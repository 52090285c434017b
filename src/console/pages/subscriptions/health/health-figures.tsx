import type { ReactNode } from "react";
import { sayMs } from "../../../parts/duration.ts";
import { Fact, Facts } from "../../../parts/facts.tsx";
import { Section } from "../../../parts/page.tsx";
import { Time } from "../../../parts/time.tsx";
import { formatCount } from "../../../parts/words.ts";
import type { Subscription } from "../subscription-types.ts";
import styles from "./health.module.css";
import { sayBacklog, sayShare } from "./health-words.ts";

/** How things stand now, in figures. */
export function HealthFigures({ subscription }: { subscription: Subscription }) {
  const { endpoint, oldestUndeliveredAt, successRate, successRateDay, latencyMs, blockedKeys, dead } = subscription;
  return (
    <Section title="Now">
      <div className={styles.figures}>
        <Facts>
          <Figure label="Outstanding" beside={oldestUndeliveredAt && <Oldest at={oldestUndeliveredAt} />}>
            {sayBacklog(subscription)}
          </Figure>
          {endpoint !== null && (
            <>
              <Figure label="Success" beside={`last hour; last day ${sayShare(successRateDay)}`}>
                {sayShare(successRate)}
              </Figure>
              <Figure label="Latency" beside={latencyMs && `median; 95 of 100 within ${sayMs(latencyMs.p95)}`}>
                {latencyMs ? sayMs(latencyMs.p50) : "–"}
              </Figure>
              <Figure label="Blocked keys">{blockedKeys === null ? "–" : formatCount(blockedKeys)}</Figure>
              <Figure label="Dead">{dead === null ? "–" : formatCount(dead)}</Figure>
            </>
          )}
        </Facts>
      </div>
    </Section>
  );
}

const Oldest = ({ at }: { at: string }) => (
  <>
    the oldest from <Time at={at} />
  </>
);

const Figure = ({ label, beside, children }: { label: string; beside?: ReactNode; children: ReactNode }) => (
  <Fact label={label} isFigure>
    {children}
    {beside && <small>{beside}</small>}
  </Fact>
);
