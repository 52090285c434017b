import { stringify } from "yaml";
import { z } from "zod";
import { parseDocument } from "../../asyncapi/lint-document.ts";
import { publicDocument } from "../../asyncapi/public-document.ts";
import { ok } from "../../kernel/result.ts";
import { findVersion } from "../../registry/api-versions.ts";
import { read } from "../call/call.ts";
import { aVisibleApi } from "../call/named-things.ts";

const LINE_CHARS = 120;

/** The spellings of a document: what ends its path, and how it is written. */
export const SPELLINGS = {
  yaml: {
    mediaType: "application/yaml",
    // Readers of YAML 1.1 take `no` and `1:30` for other things than texts: they are put in quotes.
    write: (document: unknown) =>
      stringify(document, {
        aliasDuplicateObjects: false,
        compat: "yaml-1.1",
        blockQuote: "literal",
        lineWidth: LINE_CHARS,
      }),
  },
  json: { mediaType: "application/json", write: (document: unknown) => JSON.stringify(document, null, 2) },
} as const;

/** An API's newest document as its subscribers may see it. */
export async function loadPublicDocument(db: D1Database, apiId: string, origin: string): Promise<unknown> {
  const version = await findVersion(db, apiId, "newest");
  return version && publicDocument(await parseDocument(version.document), origin);
}

const readDocument = (spelling: keyof typeof SPELLINGS) =>
  read({
    path: `/v1/directory/{apiId}/asyncapi.${spelling}`,
    tag: "Directory",
    summary: "Read the AsyncAPI document of an API that the organization may subscribe to; its servers are the relay",
    action: "directory.read",
    names: aVisibleApi,
    answers: z.unknown(),
    content: { [SPELLINGS[spelling].mediaType]: { schema: z.string() } },
    render: (document) => ({
      text: SPELLINGS[spelling].write(document),
      mediaType: SPELLINGS[spelling].mediaType,
    }),
    revalidated: true,
    handle: async ({ db, env, named: api }) => ok(await loadPublicDocument(db, api.id, env.RELAY_ORIGIN)),
  });

export const directoryDocumentRoutes = [readDocument("yaml"), readDocument("json")];
