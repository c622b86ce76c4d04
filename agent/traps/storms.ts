import { formatDuration } from "../../config/values.ts";
import type { Clock } from "../../core/clock.ts";
import { TokenBucket } from "../../core/token-bucket.ts";

/** What one asset, and all of them, may tell. A switch that restarts tells of each of its ports at once. */
const stormLimits = { asset: { burst: 200, perSecond: 2 }, all: { burst: 1000, perSecond: 50 } } as const;
/** How long what is dropped is added up before it is told; twice as long each time while the storm goes on. */
const window = { firstMs: 10_000, mostMs: 640_000 } as const;

/** What of an asset was dropped in a time. */
export interface Dropped {
  readonly asset: string;
  readonly count: number;
  readonly ms: number;
}

interface Storm {
  readonly bucket: TokenBucket;
  /** Dropped since the window began; 0 while none is open. */
  count: number;
  openedAt: number;
  windowMs: number;
  cancel: () => void;
}

/** Lets through what people can read; the rest is counted, and told once per window. */
export class Storms {
  readonly #clock: Clock;
  readonly #tell: (dropped: Dropped) => void;
  readonly #all: TokenBucket;
  readonly #assets = new Map<string, Storm>();

  constructor(clock: Clock, tell: (dropped: Dropped) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#all = new TokenBucket(stormLimits.all, clock);
  }

  /** False where it is dropped. */
  admit(asset: string): boolean {
    const storm = this.#storm(asset);
    if (storm.bucket.take() && this.#all.take()) return true;
    if (storm.count++ === 0) this.#open(asset, storm);
    return false;
  }

  /** Assets that are gone are forgotten. */
  keep(assets: ReadonlySet<string>): void {
    for (const [asset, storm] of this.#assets) {
      if (assets.has(asset)) continue;
      storm.cancel();
      this.#assets.delete(asset);
    }
  }

  /** Tells what was dropped and is not told yet. */
  end(): void {
    for (const [asset, storm] of this.#assets) if (storm.count > 0) this.#close(asset, storm);
  }

  #storm(asset: string): Storm {
    const known = this.#assets.get(asset);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(stormLimits.asset, this.#clock);
    const fresh = { bucket, count: 0, openedAt: Number.NEGATIVE_INFINITY, windowMs: window.firstMs, cancel: () => {} };
    this.#assets.set(asset, fresh);
    return fresh;
  }

  #open(asset: string, storm: Storm): void {
    const now = this.#clock.monotonic();
    const goesOn = now - storm.openedAt < 2 * storm.windowMs;
    storm.windowMs = goesOn ? Math.min(window.mostMs, 2 * storm.windowMs) : window.firstMs;
    storm.openedAt = now;
    storm.cancel = this.#clock.after(storm.windowMs, () => this.#close(asset, storm));
  }

  #close(asset: string, storm: Storm): void {
    storm.cancel();
    const { count } = storm;
    storm.count = 0;
    this.#tell({ asset, count, ms: this.#clock.monotonic() - storm.openedAt });
  }
}

/** `1,204 more traps in 10s dropped`. */
export function stormText({ count, ms }: Dropped): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return `${count.toLocaleString("en-US")} more ${count === 1 ? "trap" : "traps"} in ${formatDuration(seconds * 1000)} dropped`;
}
