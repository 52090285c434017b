import { err, ok, type Result } from "../../kernel/result.ts";
import type { PublishedProperties } from "./client-packets.ts";
import type { Reason } from "./reason-codes.ts";
import { readTopicName } from "./topic-filter.ts";

/** What a publisher's client sends: an event, before anything of it is checked but its form. */
export type MqttMessage = {
  apiId: string;
  channel: string;
  partitionKey: string | null;
  dataOwnerId: string | null;
  idempotencyKey: string | null;
  contentType: string;
  body: Uint8Array<ArrayBuffer>;
};

/** `isTransient`: the same message may be taken later. */
export type PublishRefusal = {
  reason: Extract<
    Reason,
    "notAuthorized" | "topicNameInvalid" | "payloadInvalid" | "quotaExceeded" | "implementationSpecific" | "unspecified"
  >;
  isTransient: boolean;
  detail: string;
};

type Published = { topic: string; payload: Uint8Array; properties: PublishedProperties };

const refuse = (reason: PublishRefusal["reason"], detail: string) => err({ reason, isTransient: false, detail });

/** Reads a PUBLISH or a will. What of MQTT 5 an event has no place for is refused rather than lost. */
export function readMessage({ topic, payload, properties }: Published): Result<MqttMessage, PublishRefusal> {
  const name = readTopicName(topic);
  if (!name) return refuse("topicNameInvalid", "A topic is the API's id, a slash, and a channel.");
  const { responseTopic, correlationData, messageExpiryInterval } = properties;
  if (responseTopic !== undefined || correlationData !== undefined) {
    return refuse("implementationSpecific", "Events carry no response topic and no correlation data.");
  }
  if (messageExpiryInterval !== undefined) {
    return refuse("implementationSpecific", "Events do not expire before the API's retention ends.");
  }
  const user = properties.userProperties ?? {};
  const [partitionKey, dataOwnerId, idempotencyKey] = [
    user["partition-key"] ?? null,
    user["data-owner-id"] ?? null,
    user["idempotency-key"] ?? null,
  ];
  if (Array.isArray(partitionKey) || Array.isArray(dataOwnerId) || Array.isArray(idempotencyKey)) {
    return refuse("implementationSpecific", "A user property that says something of the event stands there twice.");
  }
  const contentType = properties.contentType ?? "application/json";
  return ok({ ...name, partitionKey, dataOwnerId, idempotencyKey, contentType, body: new Uint8Array(payload) });
}
