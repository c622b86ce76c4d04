import type { FaultName } from "./faults.ts";

/** Machine states of the demo's fillers and labeller, as in config/profiles/modbus/demo-filler.yaml. */
export const machineState = { idle: 0, running: 1, starved: 2, blocked: 3, fault: 4 } as const;

export interface Filler {
  readonly name: string;
  state: number;
  bottles: number;
  rejects: number;
  /** bottles per hour */
  speed: number;
  bearingCelsius: number;
  motorAmperes: number;
  bowlPascals: number;
  vibration: number;
}

export interface Port {
  readonly name: string;
  readonly alias: string;
  readonly speedBits: number;
  /** Mean load, 0..1. */
  readonly load: number;
  up: boolean;
  /** Octets and packets as the device counts them: 64 bit. */
  inOctets: bigint;
  outOctets: bigint;
  inPackets: bigint;
  outPackets: bigint;
  errors: number;
  /** TimeTicks of the last change. */
  changed: number;
}

/** The simulated bottling hall and its data centre: plain numbers that `step` moves on. */
export interface Hall {
  /** Seconds since start. */
  uptime: number;
  readonly fillers: readonly Filler[];
  readonly meter: { watts: number; joules: number; volts: readonly [number, number, number] };
  readonly air: { bar: number; celsius: number; flow: number };
  readonly labeller: { state: number; perMinute: number; labels: number };
  readonly hallSwitch: readonly Port[];
  readonly dataCentreSwitch: readonly Port[];
  readonly ups: { onBattery: boolean; secondsOnBattery: number; charge: number; load: number; volts: number; celsius: number };
  readonly server: { cpus: [number, number, number, number]; memoryUsed: number; diskUsed: number; processes: number };
  /** Which machines answer. */
  readonly silent: Set<"filler-32" | "mes-server" | "mqtt">;
}

export function createHall(): Hall {
  return {
    uptime: 0,
    fillers: ["filler-31", "filler-32", "filler-33"].map((name, i) => ({
      name,
      state: machineState.running,
      bottles: 1_204_511 + 31_007 * i,
      rejects: 212 + 9 * i,
      speed: 12_000,
      bearingCelsius: 51 + 2 * i,
      motorAmperes: 18.2,
      bowlPascals: 1.6e5,
      vibration: 0.0021,
    })),
    meter: { watts: 86_000, joules: 4.1e12, volts: [230.4, 231.1, 229.8] },
    air: { bar: 7.02, celsius: 41, flow: 0.09 },
    labeller: { state: machineState.running, perMinute: 590, labels: 880_112 },
    hallSwitch: [
      port("Gi1/0/1", "uplink to dc-sw-1", 1e9, 0.21),
      port("Gi1/0/2", "line 3: filler 31", 1e8, 0.02),
      port("Gi1/0/3", "line 3: filler 32", 1e8, 0.02),
      port("Gi1/0/4", "line 3: filler 33", 1e8, 0.02),
      port("Gi1/0/5", "energy meter", 1e8, 0.004),
      port("Gi1/0/6", "air gateway", 1e8, 0.01),
      port("Gi1/0/7", "HMI line 3", 1e8, 0.06),
      port("Gi1/0/8", "labeller 3", 1e8, 0.01),
    ],
    dataCentreSwitch: [
      port("Te1/1/1", "core-sw-1 in hall 1", 1e9, 0.21),
      port("Te1/1/2", "mes-server", 1e10, 0.12),
      port("Te1/1/3", "ups-1", 1e8, 0.001),
      port("Te1/1/4", "storage", 1e10, 0.34),
    ],
    ups: { onBattery: false, secondsOnBattery: 0, charge: 1, load: 0.46, volts: 230, celsius: 24.5 },
    server: { cpus: [0.22, 0.31, 0.18, 0.27], memoryUsed: 21.4e9, diskUsed: 311e9, processes: 214 },
    silent: new Set(),
  };
}

function port(name: string, alias: string, speedBits: number, load: number): Port {
  return {
    name,
    alias,
    speedBits,
    load,
    up: true,
    inOctets: 7_204_511_331_207n,
    outOctets: 3_911_004_118_455n,
    inPackets: 9_332_104_551n,
    outPackets: 6_120_003_118n,
    errors: 0,
    changed: 1200,
  };
}

/** Moves the hall on by `dt` seconds with these things broken. `random` is in [0, 1). */
export function step(hall: Hall, dt: number, broken: ReadonlySet<FaultName>, random: () => number): void {
  const noise = (size: number): number => (random() - 0.5) * 2 * size;
  hall.uptime += dt;
  setSilent(hall, broken);
  stepAir(hall, dt, broken.has("air-leak"), noise);
  for (const filler of hall.fillers) stepFiller(filler, hall, dt, broken, noise);
  stepMeter(hall, dt, noise);
  stepLabeller(hall, dt, noise);
  stepPorts(hall, dt, broken.has("switch-port-down"), random);
  stepUps(hall, dt, broken.has("ups-on-battery"), noise);
  stepServer(hall, dt, noise);
}

type Noise = (size: number) => number;

/** First-order lag: how fast a real quantity follows its cause. */
function follow(value: number, target: number, dt: number, seconds: number): number {
  return target + (value - target) * Math.exp(-dt / seconds);
}

function setSilent(hall: Hall, broken: ReadonlySet<FaultName>): void {
  const mute = (who: "filler-32" | "mes-server" | "mqtt", fault: FaultName): void => {
    if (broken.has(fault)) hall.silent.add(who);
    else hall.silent.delete(who);
  };
  mute("filler-32", "filler-dead");
  mute("mes-server", "mes-down");
  mute("mqtt", "mqtt-silent");
}

function stepAir(hall: Hall, dt: number, leak: boolean, noise: Noise): void {
  const { air } = hall;
  air.bar = follow(air.bar, leak ? 5.2 : 7.02, dt, leak ? 1.5 : 2) + noise(0.008);
  air.celsius = follow(air.celsius, leak ? 58 : 41, dt, 20) + noise(0.05);
  air.flow = Math.max(0, follow(air.flow, leak ? 0.21 : 0.09, dt, 2) + noise(0.001));
}

function stepFiller(filler: Filler, hall: Hall, dt: number, broken: ReadonlySet<FaultName>, noise: Noise): void {
  const hot = filler.name === "filler-31" && broken.has("filler-overheats");
  const starved = hall.air.bar < 5.6;
  filler.state = starved ? machineState.starved : machineState.running;
  filler.speed = Math.max(0, follow(filler.speed, starved ? 0 : hot ? 9_000 : 12_000, dt, 3) + noise(25));
  filler.bottles += (filler.speed / 3600) * dt;
  filler.rejects += (filler.speed / 3600) * dt * 0.0004;
  filler.bearingCelsius = follow(filler.bearingCelsius, hot ? 93 : filler.name === "filler-33" ? 55 : 52, dt, hot ? 2 : 4) + noise(0.15);
  filler.motorAmperes = follow(filler.motorAmperes, starved ? 4.1 : hot ? 24.6 : 18.2, dt, 2) + noise(0.12);
  filler.bowlPascals = follow(filler.bowlPascals, starved ? 1.1e5 : 1.6e5, dt, 4) + noise(300);
  filler.vibration = Math.max(0, follow(filler.vibration, hot ? 0.0093 : 0.0021, dt, 2) + noise(0.00008));
}

function stepMeter(hall: Hall, dt: number, noise: Noise): void {
  const { meter, fillers, air } = hall;
  const running = fillers.reduce((sum, filler) => sum + filler.motorAmperes * 690, 0);
  meter.watts = follow(meter.watts, 42_000 + running + air.flow * 60_000, dt, 1.5) + noise(180);
  meter.joules += meter.watts * dt;
  meter.volts = [230.4 + noise(0.4), 231.1 + noise(0.4), 229.8 + noise(0.4)];
}

function stepLabeller(hall: Hall, dt: number, noise: Noise): void {
  const { labeller, fillers } = hall;
  const bottles = fillers.reduce((sum, filler) => sum + filler.speed, 0) / 60;
  labeller.perMinute = Math.max(0, follow(labeller.perMinute, Math.min(600, bottles), dt, 3) + noise(2));
  labeller.state = labeller.perMinute > 30 ? machineState.running : machineState.starved;
  labeller.labels += (labeller.perMinute / 60) * dt;
}

function stepPorts(hall: Hall, dt: number, uplinkDown: boolean, random: () => number): void {
  const uplink = hall.hallSwitch[0];
  if (uplink !== undefined && uplink.up === uplinkDown) {
    uplink.up = !uplinkDown;
    uplink.changed = Math.round(hall.uptime * 100);
  }
  for (const one of [...hall.hallSwitch, ...hall.dataCentreSwitch]) {
    if (!one.up) continue;
    const octets = ((one.speedBits * one.load) / 8) * dt;
    const inward = BigInt(Math.round(octets * (0.8 + 0.4 * random())));
    const outward = BigInt(Math.round(octets * 0.6 * (0.8 + 0.4 * random())));
    one.inOctets += inward;
    one.outOctets += outward;
    one.inPackets += inward / 640n;
    one.outPackets += outward / 512n;
  }
}

function stepUps(hall: Hall, dt: number, mainsLost: boolean, noise: Noise): void {
  const { ups } = hall;
  ups.onBattery = mainsLost;
  ups.secondsOnBattery = mainsLost ? ups.secondsOnBattery + dt : 0;
  ups.charge = Math.min(1, Math.max(0.05, ups.charge + (mainsLost ? -dt / 1800 : dt / 3600)));
  ups.load = Math.min(1, Math.max(0, follow(ups.load, 0.46, dt, 5) + noise(0.004)));
  ups.volts = 230 + noise(0.6);
  ups.celsius = follow(ups.celsius, mainsLost ? 31 : 24.5, dt, 60) + noise(0.05);
}

function stepServer(hall: Hall, dt: number, noise: Noise): void {
  const { server } = hall;
  for (let i = 0; i < server.cpus.length; i++) {
    server.cpus[i] = Math.min(1, Math.max(0.02, follow(server.cpus[i] ?? 0, 0.24 + 0.03 * i, dt, 6) + noise(0.05)));
  }
  server.memoryUsed = Math.min(31e9, Math.max(18e9, server.memoryUsed + noise(4e7)));
  server.diskUsed += 12_000 * dt;
  server.processes = Math.round(214 + noise(4));
}
