/** The set of a key, made where there is none yet. */
export function setOf<K, T>(map: Map<K, Set<T>>, key: K): Set<T> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Set<T>();
  map.set(key, made);
  return made;
}
