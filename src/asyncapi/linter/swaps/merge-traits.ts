import { mergeTraits } from "@asyncapi/parser/esm/ruleset/utils/mergeTraits";

type Merge = typeof mergeTraits;

const known = new WeakMap<object, ReturnType<Merge>>();

/** Stands in for `mergeTraits` of the parser: each rule asks for it, and a message may be in hundreds of channels. */
const rememberMerged: Merge = (data) => {
  const merged = known.get(data) ?? mergeTraits(data);
  known.set(data, merged);
  return merged;
};

export { rememberMerged as mergeTraits };
