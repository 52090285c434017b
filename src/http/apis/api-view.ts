import { z } from "zod";
import { parameterNames } from "../../domain/channel-address.ts";
import { LOGS_PER_API_MAX } from "../../kernel/limits.ts";
import { Access, type Api, Approval, Region, Validation, Visibility } from "../../registry/apis.ts";
import type { Topic } from "../../registry/topics.ts";
import { toTime } from "../fields.ts";

export const ChannelSummary = z.object({ address: z.string(), title: z.string().nullable() });

export const showChannelSummary = ({ address, title }: Topic): z.infer<typeof ChannelSummary> => ({ address, title });

export const ChannelView = ChannelSummary.extend({
  description: z.string().nullable(),
  parameters: z.array(z.string()),
  messages: z.array(
    z.object({
      name: z.string(),
      contentType: z.string().nullable(),
      schema: z.unknown(),
      examples: z.array(z.unknown()),
    }),
  ),
});

export const showChannel = (topic: Topic): z.infer<typeof ChannelView> => ({
  address: topic.address,
  title: topic.title,
  description: topic.description,
  parameters: parameterNames(topic.address),
  messages: topic.messages,
});

/** What everybody sees who may subscribe. The servers of the document are the publisher's own: they are not in here. */
export const ApiPublicFields = z.object({
  id: z.string(),
  title: z.string(),
  version: z.string(),
  description: z.string().nullable(),
  tags: z.array(z.string()),
  visibility: Visibility,
  access: Access,
  approval: Approval,
  documentation: z.string().nullable(),
  support: z.string().nullable(),
  pricing: z.string().nullable(),
  terms: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export const showPublicFields = (api: Api): z.infer<typeof ApiPublicFields> => ({
  id: api.id,
  title: api.title,
  version: api.version,
  description: api.description,
  tags: api.tags,
  visibility: api.visibility,
  access: api.access,
  approval: api.approval,
  documentation: api.documentation,
  support: api.support,
  pricing: api.pricing,
  terms: api.terms,
  createdAt: toTime(api.createdMs),
  updatedAt: toTime(api.updatedMs),
});

export const ApiFields = ApiPublicFields.extend({
  specVersion: z.string(),
  validation: Validation,
  retentionDays: z.number(),
  maxUndeliveredDays: z.number().nullable(),
  shards: z.number(),
  region: Region.nullable(),
});

export const showApiFields = (api: Api): z.infer<typeof ApiFields> => ({
  ...showPublicFields(api),
  specVersion: api.specVersion,
  validation: api.validation,
  retentionDays: api.retentionDays,
  maxUndeliveredDays: api.maxUndeliveredDays,
  shards: api.shards,
  region: api.region,
});

export const ApiSummary = ApiFields.extend({ channels: z.array(ChannelSummary) });

export const ApiView = ApiFields.extend({ channels: z.array(ChannelView) });

export const showApi = (api: Api, topics: Topic[]): z.infer<typeof ApiView> => ({
  ...showApiFields(api),
  channels: topics.map(showChannel),
});

export const tooManyLogs = (shards: number): string =>
  `An API has at most ${Math.floor(LOGS_PER_API_MAX / shards)} channels in its life with ${shards} ${shards === 1 ? "shard" : "shards"} each, those that are gone included.`;
