import { api } from "../../../api/client.ts";
import { ChannelField } from "../../../parts/channel-field.tsx";
import { Loaded } from "../../../parts/loaded.tsx";
import { FilterField } from "../fields/filter-field.tsx";
import type { StepProps } from "./subscription-draft.ts";

/** Which of the API's events. */
export function StepEvents({ draft, onChange }: StepProps) {
  const query = api.useQuery("get", "/v1/directory/{apiId}", { params: { path: { apiId: draft.apiId } } });
  return (
    <Loaded query={query} what="the API's channels">
      {({ channels }) => (
        <>
          <ChannelField
            label="Channels"
            channels={channels}
            chosen={draft.channels}
            onChange={(chosen) => onChange({ channels: chosen })}
          />
          <FilterField text={draft.filter} onChange={(filter) => onChange({ filter })} />
        </>
      )}
    </Loaded>
  );
}
