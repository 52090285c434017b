import { readParameters } from "../../../../domain/channel-address.ts";
import type { Answer } from "../../../api/answer.ts";
import { api as relay } from "../../../api/client.ts";
import { Loaded } from "../../../parts/loaded.tsx";
import { Note } from "../../../parts/note.tsx";
import type { Api, Channel, Credentials } from "../api-types.ts";
import { BackTo } from "../back-to.tsx";
import { useApiParams } from "../the-api.tsx";
import { NoCredentials, type Start, TestEventForm } from "./test-event.tsx";

type Props = { api: Api; channel: Channel /** An event to begin with, by its id. */; eventId: string | undefined };

/** The form once all is there that it begins with. */
export function TestEventSection({ api, channel, eventId }: Props) {
  const params = useApiParams();
  const credentials = relay.useQuery("get", "/v1/apis/{id}/credentials", { params: { path: { id: api.id } } });
  const event = relay.useQuery(
    "get",
    "/v1/events/{id}",
    { params: { path: { id: eventId ?? "" } } },
    { enabled: eventId !== undefined },
  );
  return (
    <>
      <BackTo to="/o/$organizationId/apis/$apiId" params={params}>
        All channels
      </BackTo>
      <Loaded query={credentials} what="the credentials">
        {({ data }) => {
          const usable = data.filter((one) => mayPublish(one, channel));
          if (usable.length === 0) return <NoCredentials />;
          if (eventId === undefined) return <TestEventForm {...{ api, channel }} credentials={usable} start={null} />;
          return (
            <Loaded query={event} what="the event">
              {(found) => (
                <>
                  <Note>
                    It begins as the event of {new Date(found.acceptedAt).toLocaleString()}, and becomes a new one.
                  </Note>
                  <TestEventForm {...{ api, channel }} credentials={usable} start={startOf(found, channel)} />
                </>
              )}
            </Loaded>
          );
        }}
      </Loaded>
    </>
  );
}

const mayPublish = ({ channels }: Credentials, { address }: Channel): boolean => channels?.includes(address) ?? true;

const startOf = (event: Answer<"/v1/events/{id}", "get">, { address }: Channel): Start => ({
  data: event.data,
  parameters: readParameters(address, event.channel) ?? new Map(),
  partitionKey: event.partitionKey ?? "",
  dataOwnerId: event.dataOwnerId ?? "",
});
