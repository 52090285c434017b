import type { ListenedTopic, ListenFrom } from "../domain/live.ts";

/** The header in which the Worker describes a connection: a hub is reached by its binding alone. */
export const CONNECT_HEADER = "Hub-Connect";

/** Where a connection begins in the topics that it listens to. */
export type ListenStart = {
  /** A cursor that the client brings: it counts before all else. */
  after: string | null;
  /** Where neither the client nor a named consumer says where. */
  from: ListenFrom;
};

/** What a hub has to know of a connection, from the Worker that has authenticated it. */
export type HubConnect = {
  /** `client`: a WebSocket client itself; `link`: an adapter in the Worker, which speaks another protocol to its client. */
  form: "client" | "link";
  /** The credentials: when they are withdrawn, the connection ends. null: it came with a token of its own. */
  clientId: string | null;
  /** The name under which the hub keeps a cursor for it. */
  consumer: string | null;
  /** It acknowledges: so much is sent ahead and no more. */
  acknowledges: boolean;
  /** So many events, where it can hand on fewer than `LINK_EVENTS_UNACKED_MAX`: what waits at an adapter is not asked for consent again. */
  aheadMax?: number;
  /** It wants to know that there is something, and fetches it itself. */
  hintsOnly: boolean;
  /** What becomes of a kept cursor behind which events were forgotten. */
  onGap: "refuse" | "skip";
  topics: ListenedTopic[];
  start: ListenStart;
};

/** Why a connection can't begin where it wants to. */
export type PlacesRefusal = {
  reason: "cursor_invalid" | "cursor_expired" | "too_many_logs" | "log_unavailable";
};

/** Why a hub takes no connection. */
export type HubRefusal = PlacesRefusal | { reason: "hub_full" | "too_many_consumers" | "too_many_topics" };
