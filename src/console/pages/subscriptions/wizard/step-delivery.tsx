import { Choices, TextField } from "../../../parts/field.tsx";
import { RetryField } from "../fields/retry-field.tsx";
import type { StepProps, SubscriptionDraft } from "./subscription-draft.ts";

const STARTS = [
  { value: "latest", label: "Now", hint: "Only what is published after this." },
  { value: "earliest", label: "From the beginning", hint: "First everything that the API still keeps, in order." },
  { value: "time", label: "From a time", hint: "What was accepted since then, as far as it is kept." },
] satisfies { value: SubscriptionDraft["start"]; label: string; hint: string }[];

/** From when on, and what to do when it fails. */
export const StepDelivery = ({ draft, onChange }: StepProps) => (
  <>
    <Choices label="Start" value={draft.start} choices={STARTS} onChange={(start) => onChange({ start })} />
    {draft.start === "time" && (
      <TextField
        label="Start from"
        type="datetime-local"
        step={1}
        hint="In the time zone of this browser."
        value={draft.startTime}
        onChange={({ target }) => onChange({ startTime: target.value })}
      />
    )}
    {!draft.isLive && <RetryField draft={draft.retry} onChange={(retry) => onChange({ retry })} />}
  </>
);
