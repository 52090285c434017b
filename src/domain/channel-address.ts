const PARAMETER = /\{[^{}]*\}/;

/** A channel address as the registry keeps it: no leading slash. */
export const normalizeAddress = (address: string): string => address.replace(/^\/+/, "");

/** True where the address has a `{parameter}`: it then stands for every path that matches it. */
export const isTemplate = (address: string): boolean => PARAMETER.test(address);

/** The names of an address's parameters in their order; one that stands there twice comes once. */
export const parameterNames = (address: string): string[] => [...new Set(placeholdersOf(address))];

const placeholdersOf = (address: string): string[] =>
  Array.from(address.matchAll(/\{([^{}]*)\}/g), ([, name = ""]) => name);

/**
 * What a path puts in the places of an address's parameters, by their names; null where it does not match. Each
 * `{parameter}` stands for one character or more within a segment; one that stands there twice has one value.
 */
export function readParameters(address: string, path: string): Map<string, string> | null {
  const patterns = address.split("/");
  const segments = path.split("/");
  if (patterns.length !== segments.length) return null;
  const values: string[] = [];
  for (const [i, pattern] of patterns.entries()) {
    const found = readSegment(pattern, segments[i] ?? "");
    if (!found) return null;
    values.push(...found);
  }
  const parameters = new Map<string, string>();
  for (const [i, name] of placeholdersOf(address).entries()) {
    const value = values[i] ?? "";
    if ((parameters.get(name) ?? value) !== value) return null;
    parameters.set(name, value);
  }
  return parameters;
}

export const matchesAddress = (address: string, path: string): boolean => readParameters(address, path) !== null;

/** The path that an address is with these values. */
export const fillAddress = (address: string, valueFor: (name: string) => string): string =>
  address.replace(/\{([^{}]*)\}/g, (_, name: string) => valueFor(name));

/**
 * The text in each parameter's place; null where the segment does not match. Literals are looked for from left to right, so
 * that a parameter takes as little as it can; between two of them stands a parameter, and so at least one character.
 */
function readSegment(pattern: string, segment: string): string[] | null {
  const literals = pattern.split(PARAMETER);
  const first = literals[0] ?? "";
  const last = literals.at(-1) ?? "";
  if (literals.length === 1) return pattern === segment ? [] : null;
  if (!segment.startsWith(first)) return null;
  const values: string[] = [];
  let place = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = segment.indexOf(literal, place + 1);
    if (found < 0) return null;
    values.push(segment.slice(place, found));
    place = found + literal.length;
  }
  const end = segment.length - last.length;
  return segment.endsWith(last) && end > place ? [...values, segment.slice(place, end)] : null;
}

/** The channel a path publishes to: an exact address wins over a template. */
export function findChannel<C extends { address: string }>(channels: readonly C[], path: string): C | undefined {
  return (
    channels.find((channel) => channel.address === path) ??
    channels.find((channel) => isTemplate(channel.address) && matchesAddress(channel.address, path))
  );
}

/**
 * Two templates overlap when some path matches both; a parameter that stands in one twice counts as two here. An exact
 * address beside a template is no overlap: it wins.
 */
export function templatesOverlap(a: string, b: string): boolean {
  if (!isTemplate(a) || !isTemplate(b)) return false;
  const left = a.split("/");
  const right = b.split("/");
  return left.length === right.length && left.every((segment, i) => segmentsOverlap(segment, right[i] ?? ""));
}

const ANY = Symbol("one character");
const MORE = Symbol("any number of characters");
type Token = string | typeof ANY | typeof MORE;

/** A parameter is one character and any number more. */
const tokensOf = (pattern: string): Token[] =>
  pattern.split(PARAMETER).flatMap((literal, i): Token[] => (i === 0 ? [...literal] : [ANY, MORE, ...literal]));

/** Whether some text matches both patterns: a walk over pairs of places, each visited once. */
function segmentsOverlap(a: string, b: string): boolean {
  if (!isTemplate(a) && !isTemplate(b)) return a === b;
  const [left, right] = [tokensOf(a), tokensOf(b)];
  const visited = new Set<number>();
  const pending: [number, number][] = [[0, 0]];
  for (let pair = pending.pop(); pair; pair = pending.pop()) {
    const [i, j] = pair;
    const place = i * (right.length + 1) + j;
    if (visited.has(place)) continue;
    visited.add(place);
    const [x, y] = [left[i], right[j]];
    if (x === undefined && y === undefined) return true;
    if (x === MORE) pending.push([i + 1, j]);
    if (y === MORE) pending.push([i, j + 1]);
    if (x === undefined || y === undefined) continue;
    if (x === MORE && y !== MORE) pending.push([i, j + 1]);
    else if (y === MORE && x !== MORE) pending.push([i + 1, j]);
    else if (x === ANY || y === ANY || x === y) pending.push([i + 1, j + 1]);
  }
  return false;
}
