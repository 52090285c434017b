import { useState } from "react";
import { FieldRow, TextField } from "../../../parts/field.tsx";
import { readRetry, toRetryDraft } from "../fields/retry-draft.ts";
import { RetryField } from "../fields/retry-field.tsx";
import type { Subscription } from "../subscription-types.ts";
import { changesOf } from "./changes.ts";
import { type PaceDraft, readPace, toPaceDraft } from "./pace-draft.ts";
import { SettingsGroup } from "./settings-group.tsx";

const draftOf = (subscription: Subscription) => ({
  retry: toRetryDraft(subscription.retry),
  pace: toPaceDraft(subscription),
});

export function DeliverySettings({ subscription }: { subscription: Subscription }) {
  const [draft, setDraft] = useState(() => draftOf(subscription));
  const { timeoutSeconds, maxInFlight, rateLimit } = subscription;
  const retry = readRetry(draft.retry);
  const pace = readPace(draft.pace);
  const before = { retry: subscription.retry, timeoutSeconds, maxInFlight, rateLimit };
  // A policy has more to it than its fields show: it is sent once one of these has changed.
  const isSameRetry = JSON.stringify(draft.retry) === JSON.stringify(toRetryDraft(subscription.retry));
  const after = retry.ok && pace.ok ? { retry: isSameRetry ? subscription.retry : retry.value, ...pace.value } : null;
  return (
    <SettingsGroup
      subscriptionId={subscription.id}
      title="Delivery"
      lead="How long an attempt may take, how fast they follow each other, and what happens when one fails."
      changes={after && changesOf(before, after)}
      onReset={() => setDraft(draftOf(subscription))}
    >
      <RetryField draft={draft.retry} onChange={(retry) => setDraft({ ...draft, retry })} />
      <PaceFields
        draft={draft.pace}
        errors={pace.ok ? {} : pace.error}
        onChange={(pace) => setDraft({ ...draft, pace })}
      />
    </SettingsGroup>
  );
}

type PaceProps = {
  draft: PaceDraft;
  errors: Partial<Record<keyof PaceDraft, string>>;
  onChange(draft: PaceDraft): void;
};

const PaceFields = ({ draft, errors, onChange }: PaceProps) => (
  <FieldRow>
    <TextField
      label="Time for an answer (s)"
      inputMode="numeric"
      hint="Then the attempt counts as failed."
      error={errors.timeoutSeconds}
      value={draft.timeoutSeconds}
      onChange={({ target }) => onChange({ ...draft, timeoutSeconds: target.value })}
    />
    <TextField
      label="Attempts at once"
      isOptional
      inputMode="numeric"
      hint="For each log of the API. Empty: as many as the relay can."
      error={errors.maxInFlight}
      value={draft.maxInFlight}
      onChange={({ target }) => onChange({ ...draft, maxInFlight: target.value })}
    />
    <TextField
      label="Attempts a second"
      isOptional
      inputMode="decimal"
      hint="On average. Empty: no limit."
      error={errors.perSecond}
      value={draft.perSecond}
      onChange={({ target }) => onChange({ ...draft, perSecond: target.value })}
    />
    {draft.perSecond.trim() !== "" && (
      <TextField
        label="Of these at once"
        isOptional
        inputMode="numeric"
        hint="How many may go out in one burst."
        error={errors.burst}
        value={draft.burst}
        onChange={({ target }) => onChange({ ...draft, burst: target.value })}
      />
    )}
  </FieldRow>
);
