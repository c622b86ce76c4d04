import type { Commit, Store } from "../../core/store.ts";

/** A store's `append` that a test holds, lets go and fails; it keeps what was committed. For the order of commits, not for the disk. */
export class ScriptedStore implements Pick<Store, "append"> {
  readonly commits: Commit[] = [];
  /** Most calls that were under way at once. */
  concurrent = 0;
  #underWay = 0;
  #gate: Promise<void> = Promise.resolve();
  #failures = 0;

  /** Commits wait until what it returns is called. */
  hold(): () => void {
    let release = (): void => {};
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  failNext(times: number): void {
    this.#failures = times;
  }

  async append(commit: Commit): Promise<void> {
    this.concurrent = Math.max(this.concurrent, ++this.#underWay);
    try {
      await this.#gate;
      if (this.#failures > 0) {
        this.#failures--;
        throw new Error("store x: the disk is full");
      }
      this.commits.push(commit);
    } finally {
      this.#underWay--;
    }
  }
}
