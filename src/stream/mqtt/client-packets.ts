import { z } from "zod";

// What the parser hands on is checked again: it takes strings that end early for null, numbers for -1, and what stands twice for a list.

/** Text of MQTT [MQTT-1.5.4-1, 1.5.4-2]: well-formed, without NUL. The parser writes U+FFFD where it was not well-formed. */
const Text = z.string().refine((text) => !/[\0\ufffd]/.test(text));
const Bytes = z.instanceof(Uint8Array);
const PacketId = z.int().min(1).max(0xffff);
const Seconds = z.int().min(0).max(0xffffffff);
const UserProperties = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const QoS = z.union([z.literal(0), z.literal(1), z.literal(2)]);
const Reason = z.int().min(0).max(0xff);

const PublishProperties = z.object({
  payloadFormatIndicator: z.boolean().optional(),
  messageExpiryInterval: Seconds.optional(),
  topicAlias: z.int().min(0).optional(),
  responseTopic: Text.optional(),
  correlationData: Bytes.optional(),
  contentType: Text.optional(),
  userProperties: UserProperties.optional(),
});

const Will = z.object({
  topic: Text,
  payload: Bytes,
  qos: QoS,
  properties: PublishProperties.extend({ willDelayInterval: Seconds.optional() }).prefault({}),
});

const Connect = z.object({
  cmd: z.literal("connect"),
  protocolVersion: z.union([z.literal(4), z.literal(5)]),
  clean: z.boolean(),
  keepalive: z.int().min(0).max(0xffff),
  clientId: Text,
  username: Text.optional(),
  password: Bytes.optional(),
  will: Will.optional(),
  properties: z
    .object({
      sessionExpiryInterval: Seconds.optional(),
      receiveMaximum: z.int().min(1).max(0xffff).optional(),
      maximumPacketSize: z.int().min(1).max(0xffffffff).optional(),
      requestProblemInformation: z.boolean().optional(),
      authenticationMethod: Text.optional(),
    })
    .prefault({}),
});

const Publish = z.object({
  cmd: z.literal("publish"),
  topic: Text,
  payload: Bytes,
  qos: QoS,
  messageId: PacketId.optional(),
  properties: PublishProperties.prefault({}),
});

const Subscribe = z.object({
  cmd: z.literal("subscribe"),
  messageId: PacketId,
  // [MQTT-3.8.3-2]: at least one.
  subscriptions: z
    .array(z.object({ topic: Text, qos: QoS, nl: z.boolean().optional(), rh: z.int().min(0).max(2).optional() }))
    .min(1),
  properties: z.object({ subscriptionIdentifier: z.int().min(1).max(0xfffffff).optional() }).prefault({}),
});

const Unsubscribe = z.object({
  cmd: z.literal("unsubscribe"),
  messageId: PacketId,
  // [MQTT-3.10.3-2]: at least one.
  unsubscriptions: z.array(Text).min(1),
});

const Disconnect = z.object({
  cmd: z.literal("disconnect"),
  reasonCode: Reason.default(0),
  properties: z.object({ sessionExpiryInterval: Seconds.optional() }).prefault({}),
});

/** A packet that a client may send. All others, those of QoS 2 among them, break the protocol here. */
export const ClientPacket = z.discriminatedUnion("cmd", [
  Connect,
  Publish,
  z.object({ cmd: z.literal("puback"), messageId: PacketId }),
  Subscribe,
  Unsubscribe,
  z.object({ cmd: z.literal("pingreq") }),
  Disconnect,
]);
export type ClientPacket = z.infer<typeof ClientPacket>;
export type ConnectPacket = z.infer<typeof Connect>;
export type PublishPacket = z.infer<typeof Publish>;
export type PublishedProperties = z.infer<typeof PublishProperties>;
export type SubscribePacket = z.infer<typeof Subscribe>;
export type UnsubscribePacket = z.infer<typeof Unsubscribe>;
export type DisconnectPacket = z.infer<typeof Disconnect>;
