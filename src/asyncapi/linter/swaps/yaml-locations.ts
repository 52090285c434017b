import { getLocationForJsonPath as locate } from "@stoplight/yaml/getLocationForJsonPath";
import { Kind, type YAMLMapping, type YAMLNode, type YamlParserResult } from "@stoplight/yaml/types";

/** Stands in for the search of @stoplight/yaml, which looks through all members of an object anew for each diagnostic. */
export function getLocationForJsonPath(
  parsed: YamlParserResult<unknown>,
  path: (string | number)[],
): ReturnType<typeof locate> {
  let node: YAMLNode | undefined = parsed.ast;
  for (const key of path) node = node && findMember(node, key);
  return node && locate({ ...parsed, ast: node }, []);
}

function findMember(node: YAMLNode, key: string | number): YAMLNode | undefined {
  if (node.kind === Kind.SEQ) return node.items[Number(key)] ?? undefined;
  return node.kind === Kind.MAP ? membersOf(node, node.mappings).get(key) : undefined;
}

const known = new WeakMap<YAMLNode, Map<unknown, YAMLNode>>();

function membersOf(node: YAMLNode, mappings: YAMLMapping[]): Map<unknown, YAMLNode> {
  const members =
    known.get(node) ??
    new Map(writeOutMerges(mappings).map(({ key, value }) => [key.value, value === null ? key : value]));
  known.set(node, members);
  return members;
}

function writeOutMerges(mappings: YAMLMapping[]): YAMLMapping[] {
  return mappings.flatMap((mapping) => (mapping.key.value === "<<" ? mergedBy(mapping.value) : mapping));
}

/** What a merge key brings: of several maps the first wins, so it comes last. */
function mergedBy(node: YAMLNode | null | undefined): YAMLMapping[] {
  switch (node?.kind) {
    case Kind.MAP:
      return node.mappings;
    case Kind.SEQ:
      return node.items.toReversed().flatMap(mergedBy);
    case Kind.ANCHOR_REF:
      return mergedBy(node.value);
    default:
      return [];
  }
}
