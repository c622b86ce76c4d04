import { createHall, type Port } from "../demo/hall.ts";
import { serveSnmp } from "../demo/snmp-agent.ts";
import { switchMib } from "../demo/snmp-devices.ts";

// A switch of 48 ports in a process of its own, so that its CPU is not the poller's. Prints its port.
const ports: Port[] = Array.from({ length: 48 }, (_, i) => ({
  name: `Gi1/0/${i + 1}`,
  alias: `port ${i + 1}`,
  speedBits: 1e9,
  load: 0.2,
  up: i % 7 !== 0,
  inOctets: 7_204_511_331_207n + BigInt(i),
  outOctets: 3_911_004_118_455n + BigInt(i),
  inPackets: 9_332_104_551n,
  outPackets: 6_120_003_118n,
  errors: 0,
  changed: 1200,
}));
const agent = await serveSnmp({ mib: switchMib(createHall(), { name: "bench-switch", location: "bench", ports }), community: "bench" });
process.stdout.write(`${agent.port}\n`);
process.on("disconnect", () => process.exit(0));
