import { z } from "zod";
import { jsonColumn, nullableRow, type Page, type PageRequest, readPage } from "./rows.ts";

export const ApiChange = z.object({
  /** A JSON Pointer into what the relay shows of the API. */
  path: z.string(),
  kind: z.enum(["breaking", "non-breaking", "unclassified"]),
  message: z.string(),
});
export type ApiChange = z.infer<typeof ApiChange>;

/** An AsyncAPI document as it was sent. */
export type ApiVersion = {
  version: string;
  specVersion: string;
  document: string;
  mediaType: "application/json" | "application/yaml";
  /** Against the version before; the first has none. */
  changes: ApiChange[];
  createdMs: number;
};

const ApiVersionRow = z
  .object({
    version: z.string(),
    spec_version: z.string(),
    document: z.string(),
    media_type: z.enum(["application/json", "application/yaml"]),
    changes: jsonColumn(z.array(ApiChange)),
    created_ms: z.number(),
  })
  .transform(
    (row): ApiVersion => ({
      version: row.version,
      specVersion: row.spec_version,
      document: row.document,
      mediaType: row.media_type,
      changes: row.changes,
      createdMs: row.created_ms,
    }),
  );

/** Which version of an API: by its own id, or the newest that calls itself so. */
export type VersionChoice = { id: number } | { version: string } | "newest";

export async function findVersion(db: D1Database, apiId: string, choice: VersionChoice): Promise<ApiVersion | null> {
  const { id, version } = { id: null, version: null, ...(choice === "newest" ? {} : choice) };
  const row = await db
    .prepare(
      `SELECT version, spec_version, document, media_type, changes, created_ms FROM api_version
       WHERE api_id = ?1 AND (?2 IS NULL OR version = ?2) AND (?3 IS NULL OR seq = ?3) ORDER BY seq DESC LIMIT 1`,
    )
    .bind(apiId, version, id)
    .first();
  return nullableRow(ApiVersionRow, row);
}

/** A version without its document. */
export type VersionSummary = Omit<ApiVersion, "document" | "mediaType"> & { id: number };

const VersionSummaryRow = z
  .object({
    seq: z.number(),
    version: z.string(),
    spec_version: z.string(),
    changes: jsonColumn(z.array(ApiChange)),
    created_ms: z.number(),
  })
  .transform((row): VersionSummary & { seq: number } => ({
    seq: row.seq,
    id: row.seq,
    version: row.version,
    specVersion: row.spec_version,
    changes: row.changes,
    createdMs: row.created_ms,
  }));

export async function listVersions(db: D1Database, apiId: string, page: PageRequest): Promise<Page<VersionSummary>> {
  const { results } = await db
    .prepare(
      `SELECT seq, version, spec_version, changes, created_ms FROM api_version
       WHERE api_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    )
    .bind(apiId, page.before, page.limit + 1)
    .all();
  return readPage(VersionSummaryRow, results, page);
}

export function insertApiVersion(db: D1Database, apiId: string, version: ApiVersion): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO api_version (api_id, version, spec_version, document, media_type, changes, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      apiId,
      version.version,
      version.specVersion,
      version.document,
      version.mediaType,
      JSON.stringify(version.changes),
      version.createdMs,
    );
}
