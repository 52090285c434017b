import { z } from "zod";
import { type LintProfile, lintDocument, RELAY_PROFILE } from "../../asyncapi/lint-document.ts";
import { ok } from "../../kernel/result.ts";
import { check } from "../call/call.ts";
import { documentBody } from "../call/request-body.ts";

const Position = z.object({ line: z.number(), character: z.number() });

/** One finding of the linter, as every answer shows it. */
export const DiagnosticView = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning", "info", "hint"]),
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])),
  range: z.object({ start: Position, end: Position }),
});

/** Whatever the text is, it gets an answer that says what is wrong with it. */
export const lint = check({
  path: "/v1/lint",
  tag: "APIs",
  summary: "Check an AsyncAPI document without registering it",
  action: "document.lint",
  query: z.strictObject({ profile: z.enum(["fortellis"]).optional() }),
  body: documentBody,
  answers: z.object({
    valid: z.boolean(),
    specVersion: z.string().nullable(),
    diagnostics: z.array(DiagnosticView),
  }),
  handle: async ({ env, query, body }) =>
    ok(await lintDocument(body, query.profile === "fortellis" ? fortellisProfile(env) : RELAY_PROFILE)),
});

/** Clients of that platform get their tokens here, at either address. */
function fortellisProfile({ RELAY_ORIGIN, FORTELLIS_TAGS }: Env): LintProfile {
  const tags = FORTELLIS_TAGS.split(",").flatMap((tag) => tag.trim() || []);
  return {
    name: "fortellis",
    tokenUrls: [`${RELAY_ORIGIN}/oauth2/default/v1/token`, `${RELAY_ORIGIN}/v1/token`],
    tags: tags.length > 0 ? tags : null,
  };
}
