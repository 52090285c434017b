/** Puts an entry at the end of a map that holds so many of them at most: the one that was put there longest ago makes room. */
export function keepNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, entriesMax: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > entriesMax && oldest !== undefined) map.delete(oldest);
}
