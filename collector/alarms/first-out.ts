/** What a group needs to know of its alarms, and does to them. */
export interface Marking<T> {
  /** When it went into alarm, ms since epoch. */
  raisedAt(member: T): number;
  /** It bears the mark of the first. */
  isFirst(member: T): boolean;
  /** Gives or takes the mark. */
  mark(member: T, first: boolean): void;
}

interface Group<T> {
  readonly inAlarm: Set<T>;
  first: T | undefined;
}

/**
 * Which alarm of a group came first: the mark is given once a second one is in alarm, stays with its alarm though that may end, and is
 * taken away when none of the group is in alarm any more.
 */
export class FirstOut<K, T extends object> {
  /** The only one in alarm, as nearly all are: no group is made of it. */
  readonly #alone = new Map<K, T>();
  readonly #groups = new Map<K, Group<T>>();
  readonly #marking: Marking<T>;

  constructor(marking: Marking<T>) {
    this.#marking = marking;
  }

  /** A member that is known from before a restart; it may bear the mark already. */
  recall(key: K, member: T): void {
    if (!this.#marking.isFirst(member)) return;
    const group = this.#group(key);
    const other = group.first;
    group.first = member;
    if (other !== undefined && other !== member) this.#marking.mark(other, false);
  }

  raised(key: K, member: T): void {
    if (!this.#groups.has(key) && (this.#alone.get(key) ?? member) === member) {
      this.#alone.set(key, member);
      return;
    }
    const group = this.#group(key);
    group.inAlarm.add(member);
    const { first } = group;
    if (first === undefined) {
      if (group.inAlarm.size > 1) this.#give(group, this.#earliest(group.inAlarm));
    } else if (group.inAlarm.has(first) && this.#marking.raisedAt(member) < this.#marking.raisedAt(first)) {
      // Readings of one batch come in any order.
      this.#marking.mark(first, false);
      this.#give(group, member);
    }
  }

  ended(key: K, member: T): void {
    if (this.#alone.get(key) === member) this.#alone.delete(key);
    const group = this.#groups.get(key);
    if (group === undefined) return;
    group.inAlarm.delete(member);
    if (group.inAlarm.size > 0) return;
    this.#groups.delete(key);
    if (group.first !== undefined) this.#marking.mark(group.first, false);
  }

  #give(group: Group<T>, member: T): void {
    group.first = member;
    this.#marking.mark(member, true);
  }

  #earliest(members: Iterable<T>): T {
    const [first, ...others] = members;
    const { raisedAt } = this.#marking;
    return others.reduce((best, one) => (raisedAt(one) < raisedAt(best) ? one : best), first as T);
  }

  #group(key: K): Group<T> {
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const alone = this.#alone.get(key);
    const made: Group<T> = { inAlarm: new Set(alone === undefined ? [] : [alone]), first: undefined };
    this.#alone.delete(key);
    this.#groups.set(key, made);
    return made;
  }
}
