import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { IncidentBook } from "../../../collector/incidents/book.ts";
import { IncidentWatch } from "../../../collector/incidents/watch.ts";
import { Recorder } from "../../../collector/slo/recorder.ts";
import { ServiceLevelKeeper } from "../../../collector/slo/service-levels.ts";
import { silentLog } from "../../../core/log.ts";
import type { ServiceView } from "../../../core/service-view.ts";
import { minute, standing } from "../slo/sample-levels.ts";
import { configOf } from "../stage.ts";

const sloth = JSON.parse(readFileSync(new URL("../../../../shared/data/alarms/sloth_burnrate.json", import.meta.url), "utf8")) as {
  readonly expected: readonly { period: string; objective: number }[];
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "millwright-burning-"));
  return () => rmSync(dir, { recursive: true, force: true });
});

/** A service with its SLO and its incidents, on a clock of its own. */
class Burn {
  now = Date.UTC(2026, 10, 2, 5);
  readonly book: IncidentBook;
  readonly told: string[] = [];
  readonly #watch: IncidentWatch;
  readonly #keeper: ServiceLevelKeeper;
  readonly #start = this.now;
  #level: "ok" | "critical" = "ok";

  constructor(slo: object, facts: ReadonlyMap<string, string> = new Map()) {
    this.book = new IncidentBook(facts);
    this.#watch = new IncidentWatch(this.book);
    this.#keeper = new ServiceLevelKeeper({
      recorder: new Recorder({ dir, log: silentLog, now: this.now }),
      facts: new Map(),
      incidentsOf: () => [],
      now: () => this.now,
    });
    this.#keeper.begin(configOf({ assets: { a: {} }, services: { line: { needs: ["asset a"], slo } } }), [this.#standing()]);
    this.#watch.begin({ services: [], assets: [], nameOf: (asset) => asset });
  }

  /** Lets minutes pass at this level. */
  pass(minutes: number, level: "ok" | "critical"): void {
    this.#level = level;
    const rest = { name: "Line", owner: "ops", level, since: this.now, why: "", causes: level === "ok" ? [] : ["a"], impact: [] };
    const service: ServiceView = { ...this.#standing(), ...rest };
    this.#keeper.hear([{ type: "service", service }], this.now);
    this.#watch.take([{ type: "service", service }]);
    for (let i = 0; i < minutes * 60; i++) {
      this.now += 1000;
      if (this.#keeper.tick(this.now, () => [this.#standing()]).length > 0) this.#tell();
      for (const { view } of this.#watch.step(this.now))
        this.told.push(`${Math.floor((this.now - this.#start) / minute)} ${view.state} ${view.level} ${view.title}`);
    }
  }

  #tell(): void {
    this.#watch.burning([...this.#keeper.firing()].map(([id, burns]) => ({ id, name: "Line", owner: "ops", burns })));
  }

  #standing() {
    return standing("line", this.#level);
  }
}

const named = (line: string): string => line.replace(/^\d+ /, "");

describe("a budget that burns", () => {
  it("by one outage is told by that outage alone", () => {
    const burn = new Burn({ target: "99.9%", window: "30d" });
    burn.pass(60, "ok");
    burn.pass(10, "critical");
    burn.pass(60, "ok");
    expect(burn.told).toEqual(["60 open critical Line is critical", "70 resolved ok Line is ok again"]);
  });

  it.each(sloth.expected)("by one short outage after another is one incident until it ends ($period at $objective %)", ({
    period,
    objective,
  }) => {
    const burn = new Burn({ target: `${objective}%`, window: period });
    burn.pass(60, "ok");
    for (let outage = 0; outage < 5; outage++) {
      burn.pass(1, "critical");
      burn.pass(3, "ok");
    }
    burn.pass(8 * 60, "ok");
    const again = ["open critical Line is critical", "open critical Line: the error budget burns (critical)"];
    expect(burn.told.map(named)).toEqual([
      // Nothing but an outage so far.
      "open critical Line is critical",
      "resolved ok Line is ok again",
      ...again,
      ...again,
      ...again,
      ...again,
      "open warning Line: the error budget burns (warning)",
      "resolved ok Line is ok again",
    ]);
    expect(burn.book.query({})).toHaveLength(2);
    expect(burn.book.query({})[0]?.history.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^Line is warning, was critical|Line is ok, but burns its error budget: .*over/),
    );
  }, 20_000);
});
