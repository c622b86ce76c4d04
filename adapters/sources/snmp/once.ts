/** The same answer for the same key, made once; kept as long as the key is. */
export function oncePer<K extends WeakKey, T>(make: (key: K) => T): (key: K) => T {
  const made = new WeakMap<K, T>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(key);
    made.set(key, fresh);
    return fresh;
  };
}

interface Branch<K extends WeakKey, T> {
  made: T | undefined;
  readonly next: WeakMap<K, Branch<K, T>>;
}

/** As oncePer, of lists: the same answer for the same keys in the same order. */
export function oncePerList<K extends WeakKey, T>(make: (keys: readonly K[]) => T): (keys: readonly K[]) => T {
  const root: Branch<K, T> = { made: undefined, next: new WeakMap() };
  return (keys) => {
    let branch = root;
    for (const key of keys) {
      const next = branch.next.get(key) ?? { made: undefined, next: new WeakMap() };
      branch.next.set(key, next);
      branch = next;
    }
    branch.made ??= make(keys);
    return branch.made;
  };
}
