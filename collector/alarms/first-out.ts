/** What a group needs to know of an alarm. */
export interface GroupMember {
  /** When it went into alarm, ms since epoch. */
  readonly raisedAt: number;
  /** It bears the mark of the first. */
  readonly first: boolean;
}

interface Group<T> {
  readonly inAlarm: Set<T>;
  first: T | undefined;
}

/**
 * Which alarm of a group came first: the mark is given once a second one is in alarm, stays with its alarm though that may end, and is
 * taken away when none of the group is in alarm any more. `mark` is called for whatever gets or loses it.
 */
export class FirstOut<T extends GroupMember> {
  readonly #groups = new Map<string, Group<T>>();
  readonly #mark: (member: T, first: boolean) => void;

  constructor(mark: (member: T, first: boolean) => void) {
    this.#mark = mark;
  }

  /** A member that is known from before a restart; it may bear the mark already. */
  recall(key: string, member: T): void {
    if (!member.first) return;
    const group = this.#group(key);
    const other = group.first;
    group.first = member;
    if (other !== undefined && other !== member) this.#mark(other, false);
  }

  raised(key: string, member: T): void {
    const group = this.#group(key);
    group.inAlarm.add(member);
    const { first } = group;
    if (first === undefined) {
      if (group.inAlarm.size > 1) this.#give(group, earliest(group.inAlarm));
    } else if (group.inAlarm.has(first) && member.raisedAt < first.raisedAt) {
      // Readings of one batch come in any order.
      this.#mark(first, false);
      this.#give(group, member);
    }
  }

  ended(key: string, member: T): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    group.inAlarm.delete(member);
    if (group.inAlarm.size > 0) return;
    this.#groups.delete(key);
    if (group.first !== undefined) this.#mark(group.first, false);
  }

  #give(group: Group<T>, member: T): void {
    group.first = member;
    this.#mark(member, true);
  }

  #group(key: string): Group<T> {
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const made: Group<T> = { inAlarm: new Set(), first: undefined };
    this.#groups.set(key, made);
    return made;
  }
}

function earliest<T extends GroupMember>(members: Iterable<T>): T {
  const [first, ...others] = members;
  return others.reduce((best, one) => (one.raisedAt < best.raisedAt ? one : best), first as T);
}
