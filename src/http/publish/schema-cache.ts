import { SCHEMA_CACHE_BYTES_MAX, SCHEMA_CACHE_ENTRIES_MAX } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { TopicSchemas } from "../../registry/topics.ts";
import { type ChannelSchemas, compileChannel } from "./channel-schemas.ts";
import type { RegistryUnavailable } from "./publisher-cache.ts";

/** Schemas at least as new as this revision of their API; `withMessages`: those of its parameters alone will not do. */
type Wanted = { revision: number; withMessages: boolean };

type Entry = Wanted & { schemas: ChannelSchemas; bytes: number };

/**
 * The compiled schemas of channels that were published to lately. They are read by channel, in a query of their own: most
 * APIs have no use for them, and those of all channels of one may be far larger than a row. The log refuses whoever used
 * older ones than it knows of. The last one used stays, however large it is.
 */
export class SchemaCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** null: the channel is gone. */
  async get(
    topicId: string,
    wanted: Wanted,
    load: () => Promise<TopicSchemas | null>,
  ): Promise<Result<ChannelSchemas | null, RegistryUnavailable>> {
    const known = this.#find(topicId, wanted);
    if (known) return ok(known);
    const loaded = await loadOrLog(topicId, load);
    if (!loaded.ok || !loaded.value) return loaded as Result<null, RegistryUnavailable>;
    // Another request may have had the same in the meantime.
    return ok(this.#find(topicId, wanted) ?? this.#keep(topicId, wanted, compileChannel(loaded.value)));
  }

  #find(topicId: string, wanted: Wanted): ChannelSchemas | null {
    const entry = this.#entries.get(topicId);
    if (!entry || entry.revision < wanted.revision || (wanted.withMessages && !entry.withMessages)) return null;
    return this.#keep(topicId, entry, entry.schemas);
  }

  /** Makes it the newest, with the size that it has now. */
  #keep(topicId: string, { revision, withMessages }: Wanted, schemas: ChannelSchemas): ChannelSchemas {
    this.#drop(topicId);
    const entry = { revision, withMessages, schemas, bytes: schemas.bytes };
    this.#entries.set(topicId, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      const isFull = this.#entries.size > SCHEMA_CACHE_ENTRIES_MAX || this.#bytes > SCHEMA_CACHE_BYTES_MAX;
      if (!isFull || oldest === topicId) break;
      this.#drop(oldest);
    }
    return schemas;
  }

  #drop(topicId: string): void {
    this.#bytes -= this.#entries.get(topicId)?.bytes ?? 0;
    this.#entries.delete(topicId);
  }
}

async function loadOrLog(
  topicId: string,
  load: () => Promise<TopicSchemas | null>,
): Promise<Result<TopicSchemas | null, RegistryUnavailable>> {
  try {
    return ok(await load());
  } catch (error) {
    logLine("schemas_not_loaded", { topicId, error: String(error) });
    return err({ reason: "registry_unavailable" });
  }
}
