import { modbusProfile } from "../config/modbus.ts";
import { loadProfile } from "../config/profiles.ts";
import type { Clock } from "../core/clock.ts";
import type { FaultName } from "./faults.ts";
import { createHall, type Hall, step } from "./hall.ts";
import { fillerQuantities, meterQuantities } from "./modbus-devices.ts";
import { serveModbus } from "./modbus-server.ts";
import { startBroker } from "./mqtt-devices.ts";
import type { DemoPorts } from "./plant.ts";
import { layOut } from "./registers.ts";
import { serveSnmp } from "./snmp-agent.ts";
import { serverMib, switchMib, upsMib } from "./snmp-devices.ts";

/** The simulated plant, speaking SNMP, Modbus and MQTT on loopback. */
export interface DemoDevices {
  readonly ports: DemoPorts;
  readonly hall: Hall;
  /** What is broken now: add to it and take from it as you like. */
  readonly broken: Set<FaultName>;
  stop(): Promise<void>;
}

const stepMs = 250;
/** Steps between two messages of the MQTT gateways. */
const publishEvery = 4;

/** Starts every device on a free port; rejects when one cannot listen, with the others stopped. */
export async function startDevices(options: { clock: Clock; community: string; random?: () => number }): Promise<DemoDevices> {
  const { clock, community, random = Math.random } = options;
  const hall = createHall();
  const broken = new Set<FaultName>();
  const running: { stop(): Promise<void> }[] = [];
  const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    running.push(started);
    return started;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
  };
  try {
    const snmp = await startSnmp(hall, community, keep);
    const modbus = await startModbus(hall, keep);
    const broker = await keep(startBroker());
    running.push(startTime({ clock, hall, broken, random, publish: () => broker.publish(hall, clock.now()) }));
    return { ports: { ...snmp, ...modbus, broker: broker.port }, hall, broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Keep = <T extends { stop(): Promise<void> }>(starting: Promise<T>) => Promise<T>;

async function startSnmp(
  hall: Hall,
  community: string,
  keep: Keep,
): Promise<Pick<DemoPorts, "hallSwitch" | "dataCentreSwitch" | "ups" | "server">> {
  const hallSwitch = switchMib(hall, { name: "core-sw-1", location: "acme/brno/hall-1", ports: hall.hallSwitch });
  const dataCentreSwitch = switchMib(hall, { name: "dc-sw-1", location: "acme/brno/data-centre", ports: hall.dataCentreSwitch });
  const agents = await Promise.all([
    keep(serveSnmp({ mib: hallSwitch, community })),
    keep(serveSnmp({ mib: dataCentreSwitch, community })),
    keep(serveSnmp({ mib: upsMib(hall), community })),
    keep(serveSnmp({ mib: serverMib(hall), community, silent: () => hall.silent.has("mes-server") })),
  ]);
  return { hallSwitch: agents[0].port, dataCentreSwitch: agents[1].port, ups: agents[2].port, server: agents[3].port };
}

async function startModbus(hall: Hall, keep: Keep): Promise<Pick<DemoPorts, "fillers" | "meter">> {
  const fillerProfile = loadProfile("modbus", "demo-filler", modbusProfile);
  const meterProfile = loadProfile("modbus", "eastron-sdm630", modbusProfile);
  const fillers = await Promise.all(
    hall.fillers.map((filler, i) => {
      const silent = (): boolean => filler.name === "filler-32" && hall.silent.has("filler-32");
      return keep(serveModbus({ id: 31 + i, registers: layOut(fillerProfile, fillerQuantities(filler)), silent }));
    }),
  );
  const meter = await keep(serveModbus({ id: 1, registers: layOut(meterProfile, meterQuantities(hall)) }));
  const [first, second, third] = fillers.map((server) => server.port);
  return { fillers: [first ?? 0, second ?? 0, third ?? 0], meter: meter.port };
}

/** Lets the hall's time pass until it is stopped. */
function startTime(run: { clock: Clock; hall: Hall; broken: ReadonlySet<FaultName>; random: () => number; publish: () => void }): {
  stop(): Promise<void>;
} {
  let steps = 0;
  let last = run.clock.monotonic();
  let cancel: () => void;
  const turn = (): void => {
    const now = run.clock.monotonic();
    step(run.hall, (now - last) / 1000, run.broken, run.random);
    last = now;
    if (steps++ % publishEvery === 0) run.publish();
    cancel = run.clock.after(stepMs, turn);
  };
  cancel = run.clock.after(0, turn);
  return {
    stop() {
      cancel();
      return Promise.resolve();
    },
  };
}
