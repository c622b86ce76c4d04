import { createSocket, type Socket } from "node:dgram";
import { createSnmpAdapter } from "../../../adapters/sources/snmp/source.ts";
import { SeriesRegistry } from "../../../agent/registry.ts";
import { Runner } from "../../../agent/runner.ts";
import type { RunnerOut } from "../../../agent/sink.ts";
import { snmpConfig } from "../../../config/assets.ts";
import { pause, systemClock } from "../../../core/clock.ts";
import { silentLog } from "../../../core/log.ts";
import { isBad, Q, type Quality, qualityName } from "../../../core/quality.ts";
import type { SeriesDescription } from "../../../core/reading.ts";
import { type SourceStatus, sourceUpMetric } from "../../../core/source.ts";
import { response } from "../../adapters/sources/snmp/ber.ts";
import { type Request, type Responder, startResponder } from "../../adapters/sources/snmp/responder.ts";
import type { Fault, Oddity } from "./fault.ts";
import { profiles, truth } from "./mib.ts";
import { secureDevice } from "./secure-device.ts";

const everyMs = 2000;
/** Good rounds before a device falls ill: rates have a value by then. */
const roundsBefore = 2;
const roundsIll = 2;

/** One series of an asset. */
export interface Trace {
  readonly description: SeriesDescription;
  /** Newest quality. */
  quality: Quality;
  /** It was Good when its device fell ill. */
  wasGood: boolean;
  /** What was first said of it after that, and in which round. */
  first: { readonly quality: string; readonly round: number } | undefined;
}

/** An asset under watch, through health, illness and health. */
export interface Patient {
  readonly fault: Fault | Oddity;
  readonly series: Map<number, Trace>;
  phase: "well" | "ill" | "healed";
  /** Rounds that ended in this phase. */
  rounds: number;
  /** All rounds that ended, and how many of them were good. */
  all: number;
  good: number;
  /** Rounds of the metronome when its own second round ended. */
  since: number;
  /** What its source said while it was ill, and what it says now. */
  readonly said: SourceStatus[];
  status: SourceStatus | undefined;
}

/** One agent's runner with a device for each fault, each on its own port of loopback. */
export class Plant implements RunnerOut {
  readonly patients = new Map<string, Patient>();
  readonly #registry = new SeriesRegistry();
  readonly #clock = systemClock();
  readonly #runner: Runner;
  readonly #adapter = createSnmpAdapter({ log: silentLog, clock: this.#clock });
  readonly #devices: Responder[] = [];
  #stranger: Socket | undefined;
  /** Rounds of a source that asks nobody: how many there could be. */
  beats = 0;

  constructor() {
    this.#runner = new Runner({ clock: this.#clock, log: silentLog, registry: this.#registry, out: this });
    this.#runner.add({ asset: "metronome", protocol: "modbus", everyMs, create: () => this.#metronome() });
  }

  /** Adds an asset whose device has this fault, once it is to. */
  async add(asset: string, fault: Fault | Oddity): Promise<void> {
    const patient: Patient = { fault, series: new Map(), phase: "well", rounds: 0, all: 0, good: 0, since: 0, said: [], status: undefined };
    this.patients.set(asset, patient);
    const device = fault.config?.["version"] === 3 ? await this.#secureDevice(patient) : await this.#communityDevice(patient);
    this.#devices.push(device);
    const community = fault.config?.["version"] === 3 ? {} : { community: "literal:public" };
    const spec = snmpConfig.parse({
      ...{ host: "127.0.0.1", port: device.port, profile: profiles, timeout: "250ms", retries: 1, every: "2s", topology: "off" },
      ...community,
      ...fault.config,
    });
    this.#runner.add({ asset, protocol: "snmp", everyMs, create: (context) => this.#adapter.source(spec, context) });
  }

  async stop(): Promise<void> {
    await this.#runner.stop();
    await this.#adapter.close();
    await Promise.all(this.#devices.map((device) => device.stop()));
    this.#stranger?.close();
  }

  put(number: number, _time: number, _value: number, quality: Quality): void {
    const description = this.#registry.describe(number);
    const patient = this.patients.get(description?.asset ?? "");
    if (description?.asset === "metronome" && description.metric === sourceUpMetric) this.beats++;
    if (description === undefined || patient === undefined) return;
    if (description.metric === sourceUpMetric) this.#round(patient, quality);
    const trace = patient.series.get(number) ?? { description, quality, wasGood: false, first: undefined };
    patient.series.set(number, trace);
    trace.quality = quality;
    if (patient.phase === "ill" && trace.wasGood) trace.first ??= { quality: qualityName(quality), round: patient.rounds };
  }

  status(status: SourceStatus): void {
    const patient = this.patients.get(status.asset);
    if (patient === undefined) return;
    patient.status = status;
    if (patient.phase === "ill") patient.said.push(status);
  }

  inventory(): void {}
  topology(): void {}

  /** A round has ended: the device falls ill, or is healed, before the next. */
  #round(patient: Patient, quality: Quality): void {
    patient.all++;
    if (!isBad(quality)) patient.good++;
    if (patient.all === 2) patient.since = this.beats;
    patient.rounds++;
    if (patient.phase === "well" && patient.rounds === roundsBefore) {
      for (const trace of patient.series.values()) trace.wasGood = trace.quality === Q.Good;
      patient.phase = "ill";
      patient.rounds = 0;
    } else if (patient.phase === "ill" && patient.rounds === roundsIll) {
      patient.phase = "healed";
      patient.rounds = 0;
    }
  }

  #metronome() {
    return { mode: "poll", target: "nobody", poll: () => pause(this.#clock, 20), close: async () => {} } as const;
  }

  #communityDevice(patient: Patient): Promise<Responder> {
    return startResponder((request, socket) => {
      const say = (over: Partial<Parameters<typeof response>[0]> = {}): Buffer =>
        response({
          version: request.version,
          community: request.community,
          id: request.id,
          variables: over.variables ?? truth(request),
          ...over,
        });
      if (patient.phase !== "ill") return say();
      const { answer } = patient.fault;
      if (answer === undefined) return say();
      const send = (bytes: Buffer, from?: "stranger"): void => this.#send(bytes, request, from === undefined ? socket : this.#foreign());
      return answer({ request, truth: say, send });
    });
  }

  async #secureDevice(patient: Patient): Promise<Responder> {
    const ask = await secureDevice({ id: Buffer.from(`80000000${this.#devices.length + 1_000_000}`, "hex"), boots: 7, time: 1000 });
    return startResponder((request) => {
      const asked = ask(request.bytes);
      return patient.phase === "ill" && patient.fault.secure !== undefined ? patient.fault.secure(asked) : asked.truth();
    });
  }

  #foreign(): Socket {
    this.#stranger ??= createSocket("udp4").bind(0, "127.0.0.1");
    return this.#stranger;
  }

  #send(bytes: Buffer, { from }: Request, socket: Socket): void {
    socket.send(bytes, from.port, from.address);
  }
}
