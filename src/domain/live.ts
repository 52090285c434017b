/** An event as live clients get it, whatever their protocol. */
export type LiveEvent = {
  /** Opaque: resumes behind this event, in all channels that the client listens to. */
  cursor: string;
  id: string;
  apiId: string;
  /** The concrete path it was published to. */
  channel: string;
  partitionKey: string | null;
  dataOwnerId: string | null;
  acceptedMs: number;
  /** The bytes as published: JSON text. */
  body: Uint8Array;
};

/** A topic that a live client listens to, as the registry says that it may. */
export type ListenedTopic = {
  apiId: string;
  /** The app's subscription: its consents and its filter decide. */
  subscriptionId: string;
  topicId: string;
  topicNumber: number;
  /** Only what was published to these concrete paths; null: to any of the topic's. */
  channels: string[] | null;
};

/** Where a live client that brings no cursor begins. */
export type ListenFrom = "latest" | "earliest";
