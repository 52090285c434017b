import type { paths } from "../generated/paths.ts";

type Good = { 200: unknown } | { 201: unknown };
type BodyOf<R> = R extends { content: { "application/json": infer Body } } ? Body : never;

/** What a call of the management API answers: `Answer<"/v1/apis/{id}", "get">`. */
export type Answer<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  responses: infer R extends Good;
}
  ? BodyOf<R[keyof R & (200 | 201)]>
  : never;

/** One row of a list that it answers. */
export type Row<Path extends keyof paths> = paths[Path] extends { get: unknown }
  ? Answer<Path, "get" & keyof paths[Path]> extends { data: (infer R)[] }
    ? R
    : never
  : never;
