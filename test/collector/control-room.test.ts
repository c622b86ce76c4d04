import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ControlRoom } from "../../collector/control-room.ts";
import { silentLog } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import { FakeClock } from "../fake-clock.ts";
import { epoch } from "./batches.ts";
import { configOf } from "./stage.ts";

it("a fault of judging keeps nothing else from being stored", () => {
  const errors: string[] = [];
  const log = { ...silentLog, error: (_fields: object, message: string) => void errors.push(message) };
  const room = new ControlRoom({
    config: configOf({ assets: { pump: {} }, services: { water: { needs: ["asset pump"] } } }),
    store: {} as Store, // Nobody asks for history.
    state: { series: [], aliases: [], marks: [], latest: { length: 0, ...emptyColumns }, facts: new Map(), end: 0 },
    dir: join(tmpdir(), "millwright-control-room"),
    clock: new FakeClock(),
    log,
  });
  Object.defineProperty(room.plant, "dirtyFacts", { value: () => JSON.parse("no plant") });
  room.agents.heard({ agent: "hall-1", epoch }, 1000);
  expect([...room.dirtyFacts().keys()]).toEqual(["agent:hall-1"]);
  expect(errors).toEqual(["collector: what changed in the plant could not be kept"]);
});

const emptyColumns = { series: new Uint32Array(0), time: new Float64Array(0), value: new Float64Array(0), quality: new Uint16Array(0) };
