import type { ApiDocument } from "../../asyncapi/api-document.ts";
import relayDocument from "../../asyncapi/generated/relay-document.json";
import { readDocument } from "../../asyncapi/lint-document.ts";
import { NOTICE_ADDRESS, RELAY_API_ID, RELAY_ORGANIZATION_ID } from "../../domain/notice.ts";
import { findVersion, insertApiVersion } from "../../registry/api-versions.ts";
import { findApi, insertApi, updateApiDocument } from "../../registry/apis.ts";
import { commit } from "../../registry/commit.ts";
import { indexApi } from "../../registry/directory.ts";
import { keepOrganization } from "../../registry/organizations.ts";
import { newGeneration, pushTopics } from "../../registry/pushes.ts";
import { putTopic } from "../../registry/topics.ts";
import { mediaTypeOf, newApi, topicOf } from "../apis/api-registration.ts";

const OWNER = { id: RELAY_ORGANIZATION_ID, name: "Event Relay" };

/**
 * Sees to it that the relay's own API is in the registry as this version of the relay describes it; true where it was not. It is
 * an API like any other, but that nobody is a member of its organization and nobody has credentials for it. Of the document's
 * channels only that of the notices is a topic: the others are what other APIs' subscribers get.
 */
export async function keepRelayApi(db: D1Database, nowMs: number): Promise<boolean> {
  const { version, text } = relayDocument;
  // An older version of the relay, at work beside this one, leaves a newer document alone.
  if (await findVersion(db, RELAY_API_ID, { version })) return false;
  const document = await readDocument(text);
  if (!document.ok) throw new Error("the relay's own document is not valid");
  const described = noticesOf(document.value.api);
  const known = await findApi(db, RELAY_API_ID);
  const api = { ...newApi(described, OWNER, nowMs), id: RELAY_API_ID, visibility: "public" as const };
  const written = await commit(db, [
    ...(known
      ? [
          updateApiDocument(db, { ...api, revision: known.revision }),
          pushTopics(db, api.id, newGeneration(RELAY_ORGANIZATION_ID)),
        ]
      : [keepOrganization(db, { ...OWNER, createdMs: nowMs }), insertApi(db, api)]),
    insertApiVersion(db, api.id, { ...api, document: text, mediaType: mediaTypeOf(text), changes: [] }),
    ...described.channels.map((channel) => putTopic(db, topicOf(api.id, channel))),
    indexApi(db, api, [NOTICE_ADDRESS]),
  ]);
  // Another isolate was there first.
  return written.ok;
}

const noticesOf = (document: ApiDocument): ApiDocument => ({
  ...document,
  channels: document.channels.filter(({ address }) => address === NOTICE_ADDRESS),
});
