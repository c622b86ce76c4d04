/** Most choices that a message lists. */
const listed = 16;

/** ` (did you mean ABCD?)`, or nothing where no choice is near. */
export function didYouMean(found: string, choices: Iterable<string>): string {
  const near = nearest(found, choices);
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}

/** `a, b, c`, cut where the list is long. */
export function choiceList(choices: readonly string[]): string {
  const shown = choices.slice(0, listed).join(", ");
  return choices.length > listed ? `${shown} and ${choices.length - listed} more` : shown;
}

/** The choice that may be meant: a typing mistake away (at most a third of its letters wrong), or a longer or shorter form. */
export function nearest(found: string, choices: Iterable<string>): string | undefined {
  const all = [...choices];
  return (
    closest(found, all) ??
    all.find((choice) => Math.min(choice.length, found.length) > 3 && (choice.includes(found) || found.includes(choice)))
  );
}

function closest(found: string, choices: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(Math.min(found.length, 60) / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const choice of choices) {
    if (Math.abs(choice.length - found.length) > limit) continue;
    const distance = choice.toLowerCase() === found.toLowerCase() ? 0 : editDistance(found, choice);
    if (distance < bestDistance && distance < Math.min(found.length, choice.length)) {
      best = choice;
      bestDistance = distance;
    }
  }
  return best;
}

/** `a, b or c` */
export function orList(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join("") : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}

/** Letters to add, drop, change or swap with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
