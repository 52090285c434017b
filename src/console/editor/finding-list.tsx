import { CircleX, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Finding, Lint } from "../api/document-calls.ts";
import { Note, ProblemNote } from "../parts/note.tsx";
import styles from "./finding-list.module.css";
import { countFindings, sortFindings } from "./findings.ts";
import type { LintOutcome } from "./live-lint.ts";

const SHOWN_MAX = 100; // whoever has more mends the first ones, and then looks again

const SEVERITIES: Record<Finding["severity"], { icon: LucideIcon; name: string }> = {
  error: { icon: CircleX, name: "Error" },
  warning: { icon: TriangleAlert, name: "Warning" },
  info: { icon: Info, name: "Hint" },
  hint: { icon: Info, name: "Hint" },
};

type Props = { outcome: LintOutcome<Lint>; findings: readonly Finding[]; onGo(range: Finding["range"]): void };

/** All that the relay finds in a document; each one leads to its place. */
export function FindingList({ outcome, findings, onGo }: Props) {
  return (
    <section className={styles.list} aria-label="Findings">
      <header className={styles.head}>
        <h2>Findings</h2>
        <p role="status">{sayOutcome(outcome, findings)}</p>
      </header>
      {outcome.state === "failed" && <ProblemNote error={outcome.error} />}
      {outcome.state === "checked" && findings.length === 0 && (
        <Note tone="good">The relay takes this document as it is.</Note>
      )}
      <ol>
        {sortFindings(findings)
          .slice(0, SHOWN_MAX)
          .map((finding) => (
            <FindingRow key={keyOf(finding)} finding={finding} onGo={onGo} />
          ))}
      </ol>
      {findings.length > SHOWN_MAX && (
        <p className={styles.more}>{findings.length - SHOWN_MAX} more. Mend these first.</p>
      )}
    </section>
  );
}

const keyOf = ({ code, path, message, range: { start } }: Finding): string =>
  `${code} ${path.join("/")} ${message} ${start.line} ${start.character}`;

function sayOutcome(outcome: LintOutcome<Lint>, findings: readonly Finding[]): string {
  switch (outcome.state) {
    case "idle":
      return "None yet: there is no document.";
    case "checking":
      return findings.length > 0 ? countFindings(findings) : "Checking…";
    case "failed":
      return "It could not be checked.";
    case "checked":
      return countFindings(findings);
  }
}

function FindingRow({ finding, onGo }: { finding: Finding; onGo: Props["onGo"] }) {
  const { severity, message, range, code } = finding;
  const { icon: Icon, name } = SEVERITIES[severity];
  return (
    <li>
      <button type="button" className={styles.finding} onClick={() => onGo(range)}>
        <Icon aria-hidden="true" className={styles[severity]} />
        <span>
          <span className={styles.message}>{message}</span>
          <small>
            {name}, line {range.start.line + 1} · {code}
          </small>
        </span>
      </button>
    </li>
  );
}
