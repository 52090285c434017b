import { sayDuration } from "../../../parts/duration.ts";
import { Choices, FieldRow, TextField } from "../../../parts/field.tsx";
import { DEFAULT_RETRY, planDelays, sayRetries, totalSeconds } from "../retry-words.ts";
import styles from "./fields.module.css";
import { type RetryDraft, type RetryErrors, readRetry } from "./retry-draft.ts";

type Props = { draft: RetryDraft; onChange(draft: RetryDraft): void };

const KINDS = [
  { value: "default", label: "The relay's own", hint: `${sayRetries(DEFAULT_RETRY)}. Right for most.` },
  { value: "growing", label: "Growing waits", hint: "Your own first wait, growth and longest wait." },
  { value: "schedule", label: "A list of waits", hint: "One by one; the last of them repeats." },
] satisfies { value: RetryDraft["kind"]; label: string; hint: string }[];

/** How failed deliveries are tried again, with what that comes to. */
export function RetryField({ draft, onChange }: Props) {
  const read = readRetry(draft);
  const errors = read.ok ? {} : read.error;
  return (
    <div className={styles.stack}>
      <Choices
        label="When a delivery fails"
        value={draft.kind}
        choices={KINDS}
        onChange={(kind) => onChange({ ...draft, kind })}
      />
      {draft.kind === "growing" && <GrowingFields draft={draft} errors={errors} onChange={onChange} />}
      {draft.kind === "schedule" && (
        <TextField
          label="Waits in seconds"
          hint="Between commas. Each is varied by ±20 %, so that not everything comes back at once."
          error={errors.schedule}
          isMono
          value={draft.schedule}
          onChange={({ target }) => onChange({ ...draft, schedule: target.value })}
        />
      )}
      {draft.kind !== "default" && (
        <TextField
          label="Attempts at most"
          isOptional
          hint="Empty: the relay never gives up. Else an event is dead after so many: kept, counted, and no longer in the way."
          error={errors.maxAttempts}
          inputMode="numeric"
          value={draft.maxAttempts}
          onChange={({ target }) => onChange({ ...draft, maxAttempts: target.value })}
        />
      )}
      {read.ok && draft.kind !== "default" && <Preview policy={read.value} />}
    </div>
  );
}

const GrowingFields = ({ draft, errors, onChange }: Props & { errors: RetryErrors }) => (
  <FieldRow>
    <TextField
      label="First wait (s)"
      inputMode="decimal"
      error={errors.initialSeconds}
      value={draft.initialSeconds}
      onChange={({ target }) => onChange({ ...draft, initialSeconds: target.value })}
    />
    <TextField
      label="Times, each time"
      inputMode="decimal"
      error={errors.multiplier}
      value={draft.multiplier}
      onChange={({ target }) => onChange({ ...draft, multiplier: target.value })}
    />
    <TextField
      label="Longest wait (s)"
      inputMode="decimal"
      error={errors.maxDelaySeconds}
      value={draft.maxDelaySeconds}
      onChange={({ target }) => onChange({ ...draft, maxDelaySeconds: target.value })}
    />
  </FieldRow>
);

const SHOWN = 8;

/** The first attempts of an event that fails and fails, and when each of them is made. */
function Preview({ policy }: { policy: Parameters<typeof planDelays>[0] }) {
  const delays = planDelays(policy, SHOWN);
  const attempts = delays.map((delay, n) => ({ delay, atSeconds: totalSeconds(delays.slice(0, n + 1)) }));
  return (
    <div className={styles.preview}>
      <p>{sayRetries(policy)}.</p>
      {attempts.length > 0 && (
        <ol aria-label="When an event that fails is attempted">
          <li>at once</li>
          {attempts.map(({ atSeconds }, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the n-th attempt is the n-th attempt
            <li key={n}>+{sayDuration(atSeconds)}</li>
          ))}
        </ol>
      )}
    </div>
  );
}
