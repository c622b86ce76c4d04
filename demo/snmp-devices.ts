import type { Hall, Port } from "./hall.ts";
import type { Managed, Mib } from "./snmp-agent.ts";

const integer = (get: () => number): Managed => ({ type: "integer", get });
const gauge = (get: () => number): Managed => ({ type: "gauge32", get });
const counter32 = (get: () => number): Managed => ({ type: "counter32", get: () => get() % 2 ** 32 });
const counter64 = (get: () => bigint): Managed => ({ type: "counter64", get });
const ticks = (get: () => number): Managed => ({ type: "timeticks", get: () => get() % 2 ** 32 });
const text = (value: string): Managed => ({ type: "string", get: () => value });

/** SNMPv2-MIB system group (RFC 3418). */
function system(hall: Hall, about: { descr: string; objectId: string; name: string; location: string }): [string, Managed][] {
  const base = "1.3.6.1.2.1.1";
  return [
    [`${base}.1.0`, text(about.descr)],
    [`${base}.2.0`, { type: "oid", get: () => about.objectId }],
    [`${base}.3.0`, ticks(() => hall.uptime * 100)],
    [`${base}.4.0`, text("it@acme.example")],
    [`${base}.5.0`, text(about.name)],
    [`${base}.6.0`, text(about.location)],
  ];
}

/** IF-MIB (RFC 2863): ifTable and ifXTable of one switch. */
export function switchMib(hall: Hall, about: { name: string; location: string; ports: readonly Port[] }): Mib {
  const mib = new Map(system(hall, { descr: "Millwright demo switch", objectId: "1.3.6.1.4.1.8072.3.2.10", ...about }));
  mib.set(
    "1.3.6.1.2.1.2.1.0",
    integer(() => about.ports.length),
  );
  for (const [i, port] of about.ports.entries()) {
    for (const [column, managed] of ifEntry(port, i + 1)) mib.set(`1.3.6.1.2.1.2.2.1.${column}.${i + 1}`, managed);
    for (const [column, managed] of ifXEntry(port)) mib.set(`1.3.6.1.2.1.31.1.1.1.${column}.${i + 1}`, managed);
  }
  return mib;
}

function ifEntry(port: Port, index: number): [number, Managed][] {
  const low = (value: bigint): number => Number(value & 0xffffffffn);
  return [
    [1, integer(() => index)],
    [2, text(port.name)],
    [3, integer(() => 6)],
    [4, integer(() => 1500)],
    [5, gauge(() => Math.min(port.speedBits, 2 ** 32 - 1))],
    [7, integer(() => 1)],
    [8, integer(() => (port.up ? 1 : 2))],
    [9, ticks(() => port.changed)],
    [10, counter32(() => low(port.inOctets))],
    [11, counter32(() => low(port.inPackets))],
    [13, counter32(() => 0)],
    [14, counter32(() => port.errors)],
    [16, counter32(() => low(port.outOctets))],
    [17, counter32(() => low(port.outPackets))],
    [19, counter32(() => 0)],
    [20, counter32(() => 0)],
  ];
}

function ifXEntry(port: Port): [number, Managed][] {
  return [
    [1, text(port.name)],
    [6, counter64(() => port.inOctets)],
    [7, counter64(() => port.inPackets)],
    [10, counter64(() => port.outOctets)],
    [11, counter64(() => port.outPackets)],
    [15, gauge(() => port.speedBits / 1e6)],
    [17, integer(() => 1)],
    [18, text(port.alias)],
    [19, ticks(() => 0)],
  ];
}

/** UPS-MIB (RFC 1628). */
export function upsMib(hall: Hall): Mib {
  const { ups } = hall;
  const base = "1.3.6.1.2.1.33.1";
  const watts = (): number => ups.load * 20_000;
  return new Map([
    ...system(hall, { descr: "Millwright demo UPS 20 kVA", objectId: "1.3.6.1.2.1.33", name: "ups-1", location: "acme/brno/data-centre" }),
    [`${base}.1.1.0`, text("Acme Power")],
    [`${base}.1.2.0`, text("Steady 20K")],
    [`${base}.2.1.0`, integer(() => (ups.charge < 0.2 ? 3 : 2))],
    [`${base}.2.2.0`, integer(() => ups.secondsOnBattery)],
    [`${base}.2.3.0`, integer(() => Math.round(30 * ups.charge))],
    [`${base}.2.4.0`, integer(() => Math.round(100 * ups.charge))],
    [`${base}.2.5.0`, integer(() => (ups.onBattery ? 2410 : 2730))],
    [`${base}.2.6.0`, integer(() => (ups.onBattery ? 412 : 0))],
    [`${base}.2.7.0`, integer(() => Math.round(ups.celsius))],
    [`${base}.3.1.0`, counter32(() => (ups.onBattery ? 4 : 3))],
    [`${base}.3.2.0`, integer(() => 1)],
    [`${base}.3.3.1.2.1`, integer(() => (ups.onBattery ? 0 : 500))],
    [`${base}.3.3.1.3.1`, integer(() => (ups.onBattery ? 0 : Math.round(ups.volts)))],
    [`${base}.3.3.1.4.1`, integer(() => (ups.onBattery ? 0 : Math.round((watts() / 230) * 10)))],
    [`${base}.3.3.1.5.1`, integer(() => (ups.onBattery ? 0 : Math.round(watts())))],
    [`${base}.4.1.0`, integer(() => (ups.onBattery ? 5 : 3))],
    [`${base}.4.2.0`, integer(() => 500)],
    [`${base}.4.3.0`, integer(() => 1)],
    [`${base}.4.4.1.2.1`, integer(() => Math.round(ups.volts))],
    [`${base}.4.4.1.3.1`, integer(() => Math.round((watts() / 230) * 10))],
    [`${base}.4.4.1.4.1`, integer(() => Math.round(watts()))],
    [`${base}.4.4.1.5.1`, integer(() => Math.round(100 * ups.load))],
    [`${base}.6.1.0`, gauge(() => (ups.onBattery ? 1 : 0))],
    [`${base}.7.3.0`, integer(() => 1)],
  ]);
}

/** HOST-RESOURCES-MIB (RFC 2790). */
export function serverMib(hall: Hall): Mib {
  const { server } = hall;
  const base = "1.3.6.1.2.1.25";
  const mib = new Map<string, Managed>([
    ...system(hall, {
      descr: "Linux mes-server 6.1.0 x86_64",
      objectId: "1.3.6.1.4.1.8072.3.2.10",
      name: "mes-server",
      location: "acme/brno/data-centre",
    }),
    [`${base}.1.1.0`, ticks(() => (hall.uptime + 3_110_400) * 100)],
    [`${base}.1.5.0`, gauge(() => 3)],
    [`${base}.1.6.0`, gauge(() => server.processes)],
    [`${base}.2.2.0`, integer(() => 33_554_432)],
  ]);
  const storage = [
    { type: "2", name: "Physical memory", units: 4096, size: () => 34_359_738_368, used: () => server.memoryUsed },
    { type: "4", name: "/", units: 4096, size: () => 1e12, used: () => server.diskUsed },
  ];
  for (const [i, one] of storage.entries()) {
    const entry = `${base}.2.3.1`;
    mib.set(
      `${entry}.1.${i + 1}`,
      integer(() => i + 1),
    );
    mib.set(`${entry}.2.${i + 1}`, { type: "oid", get: () => `${base}.2.1.${one.type}` });
    mib.set(`${entry}.3.${i + 1}`, text(one.name));
    mib.set(
      `${entry}.4.${i + 1}`,
      integer(() => one.units),
    );
    mib.set(
      `${entry}.5.${i + 1}`,
      integer(() => one.size() / one.units),
    );
    mib.set(
      `${entry}.6.${i + 1}`,
      integer(() => one.used() / one.units),
    );
  }
  for (const i of server.cpus.keys()) {
    const index = 196_608 + i;
    mib.set(`${base}.3.2.1.2.${index}`, { type: "oid", get: () => `${base}.3.1.3` });
    mib.set(`${base}.3.2.1.3.${index}`, text(`Demo CPU ${i}`));
    mib.set(
      `${base}.3.2.1.5.${index}`,
      integer(() => 2),
    );
    mib.set(
      `${base}.3.3.1.2.${index}`,
      integer(() => Math.round(100 * (server.cpus[i] ?? 0))),
    );
  }
  return mib;
}
