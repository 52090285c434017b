import { getRouteApi } from "@tanstack/react-router";
import { findChannel } from "../../../domain/channel-address.ts";
import { Note } from "../../parts/note.tsx";
import type { Api } from "./api-types.ts";
import { ChannelCard } from "./channel-card.tsx";
import { TestEventSection } from "./test-event/test-event-section.tsx";
import { TheApi } from "./the-api.tsx";

const route = getRouteApi("/o/$organizationId/apis/$apiId/");

/** The API's channels; with `publish` in the address, a test event for one of them. */
export const ApiChannels = () => <TheApi>{(api) => <Channels api={api} />}</TheApi>;

function Channels({ api }: { api: Api }) {
  const { publish, event } = route.useSearch();
  const chosen = publish === undefined ? undefined : findChannel(api.channels, publish);
  if (chosen)
    return <TestEventSection key={`${chosen.address} ${event}`} {...{ api, eventId: event }} channel={chosen} />;
  return (
    <>
      {publish !== undefined && <Note tone="warn">The API has no channel {publish} any more.</Note>}
      {api.channels.map((channel) => (
        <ChannelCard key={channel.address} channel={channel} />
      ))}
    </>
  );
}
