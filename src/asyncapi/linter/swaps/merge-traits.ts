import { mergeTraits } from "@asyncapi/parser/esm/ruleset/utils/mergeTraits";

type Traited = Parameters<typeof mergeTraits>[0];

const known = new WeakMap<Traited, Traited>();

/** Stands in for `mergeTraits` of the parser: each rule asks for it, and a message may be in hundreds of channels. */
function rememberMerged<T extends Traited>(data: T): T {
  // What was merged from a T is one.
  const merged = (known.get(data) as T | undefined) ?? mergeTraits(data);
  known.set(data, merged);
  return merged;
}

export { rememberMerged as mergeTraits };
