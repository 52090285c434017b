import { vi } from "vitest";
import { expectAccepted, publishRaw } from "./publish.ts";
import { type Answer, type ReceivedRequest, type Receiver, startReceiver } from "./receivers.ts";
import { fetchToken, type Progress, readProgress, type Scene, setScene, type TestRelay } from "./relay.ts";

export const ARRIVE = { timeout: 30_000, interval: 10 };

export const accept: Answer = (response) => response.writeHead(204).end();

/** The first request that brings an event. */
export const arrivalAt = ({ requests }: Receiver, eventId: string): Promise<ReceivedRequest> =>
  vi.waitFor(() => {
    const request = requests.find(({ headers }) => headers["webhook-id"] === eventId);
    if (!request) throw new Error("it has not arrived");
    return request;
  }, ARRIVE);

/** A scene with one receiver that subscribes. */
export type Stage = {
  scene: Scene;
  receiver: Receiver;
  /** The subscription's. */
  id: string;
  signingSecret: string;
  /** Publishes bytes as they are; answers the event's id. */
  publish(body: string, headers?: Record<string, string>): Promise<string>;
  /** Publishes, and waits for the delivery. */
  deliver(body: string, headers?: Record<string, string>): Promise<ReceivedRequest>;
  progress(): Promise<Progress>;
};

export async function setStage(
  relay: TestRelay,
  settings: Record<string, unknown> = {},
  answer: Answer = accept,
): Promise<Stage> {
  const receiver = await startReceiver(answer);
  const scene = await setScene(relay, { channels: ["orders", "shops/{shopId}/sales"] });
  const { subscribing, app, api } = scene;
  const subscription = { apiId: api.id, endpoint: `${receiver.url}/in?team=1`, ...settings };
  const { id, signingSecret } = await subscribing.client.subscribe(app.id, subscription);
  const token = await fetchToken(relay.origin, api.credentials);
  const publish: Stage["publish"] = async (body, headers = {}) =>
    expectAccepted(await publishRaw(relay.origin, { token, body, headers }));
  const deliver: Stage["deliver"] = async (body, headers) => arrivalAt(receiver, await publish(body, headers));
  return { scene, receiver, id, signingSecret, publish, deliver, progress: () => readProgress(scene, id) };
}
