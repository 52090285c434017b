import { client } from "../../../api/client.ts";
import { NETWORK_PROBLEM, readProblem } from "../../../api/problem.ts";
import { publishPath } from "./publish-path.ts";

export type TestEvent = {
  channel: string;
  data: unknown;
  partitionKey: string;
  dataOwnerId: string;
};

/** `validation`: what the relay says of an event that it takes though it has not its message's form. */
export type Published = { eventId: string; validation: string | null };

const TOKEN_SECONDS = 60; // it is used at once

/** Publishes an event the way its publisher would: with an access token of the API's credentials. Throws `ApiProblem`. */
export async function publishTestEvent(
  { apiId, clientId }: { apiId: string; clientId: string },
  { channel, data, partitionKey, dataOwnerId }: TestEvent,
): Promise<Published> {
  const token = await fetchToken(apiId, clientId);
  const response = await fetch(publishPath(channel), {
    method: "POST",
    credentials: "omit",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      ...(partitionKey !== "" && { "Partition-Key": partitionKey }),
      ...(dataOwnerId !== "" && { "Data-Owner-Id": dataOwnerId }),
    },
    body: JSON.stringify(data),
  }).catch(() => Promise.reject(NETWORK_PROBLEM()));
  if (!response.ok) throw await readProblem(response);
  const { eventId } = (await response.json()) as { eventId: string };
  return { eventId, validation: response.headers.get("Event-Validation") };
}

async function fetchToken(id: string, clientId: string): Promise<string> {
  const { data } = await client.POST("/v1/apis/{id}/credentials/{clientId}/tokens", {
    params: { path: { id, clientId } },
    body: { ttlSeconds: TOKEN_SECONDS },
  });
  if (!data) throw NETWORK_PROBLEM();
  return data.token;
}
