interface Node<T> {
  readonly children: Map<string, Node<T>>;
  readonly here: Set<T>;
}

const node = <T>(): Node<T> => ({ children: new Map(), here: new Set() });

/** Who hears which topic: a tree of MQTT filters by level, so that a message costs its levels and not the number of filters. */
export class Routes<T> {
  readonly #root = node<T>();

  add(filter: string, hearer: T): void {
    let at = this.#root;
    for (const level of filter.split("/")) {
      let next = at.children.get(level);
      if (next === undefined) {
        next = node();
        at.children.set(level, next);
      }
      at = next;
    }
    at.here.add(hearer);
  }

  delete(filter: string, hearer: T): void {
    const way: [Node<T>, string][] = [];
    let at = this.#root;
    for (const level of filter.split("/")) {
      const next = at.children.get(level);
      if (next === undefined) return;
      way.push([at, level]);
      at = next;
    }
    at.here.delete(hearer);
    for (const [parent, level] of way.reverse()) {
      const child = parent.children.get(level);
      if (child !== undefined && child.here.size === 0 && child.children.size === 0) parent.children.delete(level);
    }
  }

  /** Everyone with a filter that this topic fits, each once (MQTT 3.1.1 §4.7). */
  hearers(topic: string): Set<T> {
    const found = new Set<T>();
    const levels = topic.split("/");
    const walk = (at: Node<T>, depth: number): void => {
      // Wildcards of the first level do not mean the broker's own topics (MQTT-4.7.2-1).
      const wild = depth > 0 || !topic.startsWith("$");
      if (wild) for (const one of at.children.get("#")?.here ?? []) found.add(one);
      const level = levels[depth];
      if (level === undefined) {
        for (const one of at.here) found.add(one);
        return;
      }
      const exact = level === "+" || level === "#" ? undefined : at.children.get(level);
      if (exact !== undefined) walk(exact, depth + 1);
      const any = wild ? at.children.get("+") : undefined;
      if (any !== undefined) walk(any, depth + 1);
    };
    walk(this.#root, 0);
    return found;
  }
}
