import { useState } from "react";
import { AreaField, TextField } from "../../../parts/field.tsx";
import { readPairs, writePairs } from "../fields/pairs-draft.ts";
import type { Subscription } from "../subscription-types.ts";
import { changesOf } from "./changes.ts";
import { SettingsGroup } from "./settings-group.tsx";

const draftOf = ({ description, metadata }: Subscription) => ({
  description: description ?? "",
  metadata: writePairs(metadata),
});

export function WordSettings({ subscription }: { subscription: Subscription }) {
  const [draft, setDraft] = useState(() => draftOf(subscription));
  const metadata = readPairs(draft.metadata);
  const before = { description: subscription.description, metadata: subscription.metadata };
  const description = draft.description.trim() === "" ? null : draft.description.trim();
  return (
    <SettingsGroup
      subscriptionId={subscription.id}
      title="Words"
      lead="For people, and for your own programs. The relay does nothing with them."
      changes={metadata.ok ? changesOf(before, { description, metadata: metadata.value }) : null}
      onReset={() => setDraft(draftOf(subscription))}
    >
      <TextField
        label="What it is for"
        isOptional
        hint="The API's publisher sees it."
        value={draft.description}
        onChange={({ target }) => setDraft({ ...draft, description: target.value })}
      />
      <AreaField
        label="Metadata"
        isOptional
        isMono
        rows={3}
        hint="One a line, as name: value. Yours alone."
        error={metadata.ok ? undefined : metadata.error}
        value={draft.metadata}
        onChange={({ target }) => setDraft({ ...draft, metadata: target.value })}
      />
    </SettingsGroup>
  );
}
