import type { BatchPreamble } from "../../../core/batch.ts";
import { Q } from "../../../core/quality.ts";
import type { Protocol, SourceStatus } from "../../../core/source.ts";
import type { FaultName } from "../../../demo/faults.ts";
import { createHall, type Hall, machineState, step } from "../../../demo/hall.ts";
import { bodyOf, epoch, numbered, type Reading } from "../batches.ts";

/** A series of the hall: what an agent says of it, and its value now. */
interface Line {
  readonly asset: string;
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly states?: Readonly<Record<number, string>>;
  readonly value: (hall: Hall) => number;
}

const runs = Object.fromEntries(Object.entries(machineState).map(([name, value]) => [value, name]));
const bearing = { sensor: "bearing" };
const lines: readonly Line[] = [
  ...[0, 1, 2].flatMap((i): readonly Line[] => [
    { asset: `filler-3${i + 1}`, metric: "machine_state", states: runs, value: ({ fillers }) => fillers[i]?.state ?? 0 },
    {
      asset: `filler-3${i + 1}`,
      metric: "temperature_celsius",
      labels: bearing,
      value: ({ fillers }) => fillers[i]?.bearingCelsius ?? Number.NaN,
    },
  ]),
  {
    asset: "core-sw-1",
    metric: "if_oper_status",
    labels: { if_name: "Gi1/0/1" },
    states: { 1: "up", 2: "down" },
    value: ({ hallSwitch }) => (hallSwitch[0]?.up === true ? 1 : 2),
  },
  {
    asset: "ups-1",
    metric: "ups_output_source",
    states: { 3: "normal", 5: "battery" },
    value: ({ ups }) => (ups.onBattery ? 5 : 3),
  },
  { asset: "compressor", metric: "pressure_pascals", labels: { sensor: "main" }, value: ({ air }) => air.bar * 1e5 },
  { asset: "labeller-3", metric: "machine_state", states: runs, value: ({ labeller }) => labeller.state },
  { asset: "mes-server", metric: "load_ratio", value: ({ server }) => server.cpus[0] },
  { asset: "dc-sw-1", metric: "load_ratio", value: () => 0.1 },
  { asset: "meter-hall-1", metric: "active_power_watts", value: ({ meter }) => meter.watts },
];

const protocols: Readonly<Record<string, Protocol>> = { compressor: "mqtt", "labeller-3": "mqtt" };
const protocolOf = (asset: string): Protocol => protocols[asset] ?? (/^(filler|meter)/.test(asset) ? "modbus" : "snmp");

/**
 * The demo's hall and an agent that reads it, as the collector sees both: a batch of readings every two seconds, with how its
 * sources stand; what cannot be sent is kept and comes first later.
 */
export class HallAgent {
  readonly broken = new Set<FaultName>();
  readonly #hall = createHall();
  readonly #waiting: { readonly seq: number; readonly preamble: BatchPreamble; readonly readings: readonly Reading[] }[] = [];
  #seq = 0;

  /** Two seconds go by in the hall, and all that answers is read. */
  read(now: number): void {
    step(this.#hall, 2, this.broken, () => 0.5);
    const sources = [...new Set(lines.map(({ asset }) => asset))].map((asset) => this.#sourceOf(asset, now));
    const readings = lines.flatMap(({ asset, value }, number): readonly Reading[] => {
      if (this.#isMute(asset)) return [];
      return this.#isSilent(asset) ? [[number, now, Number.NaN, Q.BadTimeout]] : [[number, now, value(this.#hall)]];
    });
    const described = lines.map(({ value: _, ...line }, number) =>
      numbered(number, { unit: "", ...line, ...(line.states === undefined ? {} : { kind: "state" }) }),
    );
    const preamble: BatchPreamble = { sources, ...(this.#seq === 0 ? { series: described } : {}) };
    this.#waiting.push({ seq: ++this.#seq, preamble, readings });
  }

  /** Brings all that waits. Rejects where the collector does not take it. */
  async ship(url: string, now: number): Promise<void> {
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      const answer = await fetch(`${url}/api/v1/ingest`, {
        method: "POST",
        headers: {
          "content-type": "application/vnd.millwright.batch",
          "x-millwright-encoding": "deflate-raw",
          "x-millwright-agent": "demo",
          "x-millwright-epoch": epoch,
          "x-millwright-seq": `${batch.seq}`,
          "x-millwright-count": `${batch.readings.length}`,
          "x-millwright-sent-at": `${now}`,
          "x-millwright-version": "1",
        },
        body: new Uint8Array(bodyOf(batch.preamble, batch.readings)),
      });
      if (!answer.ok) throw new Error(`batch ${batch.seq}: ${answer.status} ${await answer.text()}`);
      await answer.body?.cancel();
      this.#waiting.shift();
    }
  }

  /** Does not answer who asks. */
  #isSilent(asset: string): boolean {
    return this.#hall.silent.has(asset as "mes-server");
  }

  /** Sends nothing, over a broker that is up. */
  #isMute(asset: string): boolean {
    return protocolOf(asset) === "mqtt" && this.#hall.silent.has("mqtt");
  }

  #sourceOf(asset: string, now: number): SourceStatus {
    const down = this.#isSilent(asset);
    const reason = down ? `${asset}: timed out after 500 ms` : "";
    return { asset, protocol: protocolOf(asset), target: "127.0.0.1", state: down ? "down" : "up", reason, lastOk: down ? null : now };
  }
}
