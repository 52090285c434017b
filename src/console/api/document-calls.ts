import type { Answer } from "./answer.ts";
import { client } from "./client.ts";

export type Lint = Answer<"/v1/lint", "post">;
export type Finding = Lint["diagnostics"][number];
export type ApiChange = Answer<"/v1/apis/{id}/spec", "put">["changes"][number];

/** An AsyncAPI document as the body of a call: text, whether it is YAML or JSON. */
export const asDocument = (text: string) => ({
  body: text,
  bodySerializer: (body: string) => body,
  headers: { "Content-Type": "application/yaml" },
});

export async function lintDocument(text: string, signal: AbortSignal): Promise<Lint> {
  const { data } = await client.POST("/v1/lint", { ...asDocument(text), signal });
  if (!data) throw new Error("The relay checked the document, but did not say what it found.");
  return data;
}
