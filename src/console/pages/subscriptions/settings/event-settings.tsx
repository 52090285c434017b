import { useState } from "react";
import { ChannelField } from "../../../parts/channel-field.tsx";
import { readFilter, writeFilter } from "../fields/filter-draft.ts";
import { FilterField } from "../fields/filter-field.tsx";
import type { Subscription } from "../subscription-types.ts";
import { changesOf } from "./changes.ts";
import { SettingsGroup } from "./settings-group.tsx";

type Props = { subscription: Subscription; channels: { address: string; title: string | null }[] };

const draftOf = ({ channels, filter }: Subscription) => ({ channels, filter: writeFilter(filter) });

export function EventSettings({ subscription, channels }: Props) {
  const [draft, setDraft] = useState(() => draftOf(subscription));
  const filter = readFilter(draft.filter);
  const isComplete = filter.ok && draft.channels?.length !== 0;
  const before = { channels: subscription.channels, filter: subscription.filter };
  return (
    <SettingsGroup
      subscriptionId={subscription.id}
      title="Events"
      lead="Which of the API's events come."
      changes={isComplete ? changesOf(before, { channels: draft.channels, filter: filter.value }) : null}
      onReset={() => setDraft(draftOf(subscription))}
    >
      <ChannelField
        label="Channels"
        channels={withOwn(channels, subscription.channels)}
        chosen={draft.channels}
        onChange={(chosen) => setDraft({ ...draft, channels: chosen })}
      />
      <FilterField text={draft.filter} onChange={(text) => setDraft({ ...draft, filter: text })} />
    </SettingsGroup>
  );
}

/** A channel that the API has no more, or hides, is still one of the subscription's. */
function withOwn(channels: Props["channels"], own: string[] | null): Props["channels"] {
  const known = new Set(channels.map(({ address }) => address));
  const gone = own?.filter((address) => !known.has(address)) ?? [];
  return [...channels, ...gone.map((address) => ({ address, title: null }))];
}
