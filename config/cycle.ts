/**
 * A way from a node back to itself, first and last the same, or undefined where there is none. Looks at every edge of every
 * node: a loop that closes through a second child is a loop too. Needs no call stack, so a chain may be of any length.
 */
export function findCycle(nodes: Iterable<string>, edgesOf: (node: string) => readonly string[]): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of nodes) {
    if (done.has(start)) continue;
    const path = [start];
    const onPath = new Set(path);
    const next = [0];
    while (path.length > 0) {
      const node = path[path.length - 1] ?? "";
      const turn = next[next.length - 1] ?? 0;
      const child = edgesOf(node)[turn];
      next[next.length - 1] = turn + 1;
      if (child === undefined) {
        done.add(node);
        onPath.delete(node);
        path.pop();
        next.pop();
      } else if (onPath.has(child)) {
        return [...path.slice(path.indexOf(child)), child];
      } else if (!done.has(child)) {
        path.push(child);
        onPath.add(child);
        next.push(0);
      }
    }
  }
  return undefined;
}
