import { libraryPoller, ourPoller, type Version } from "./snmp-pollers.ts";

/**
 * A poller in a process of its own, as the C program and the exporter are: what one leaves to the garbage collector is
 * not counted on another. `ours|library PORT VERSION DEVICES`; told a number of rounds, it answers what a poll cost.
 */
const [kind, port, version, devices] = process.argv.slice(2);
const open = kind === "ours" ? ourPoller : libraryPoller;
const poller = open(Number(port), version as Version, Number(devices));

async function cost(rounds: number): Promise<{ readonly cpu: number; readonly readings: number }> {
  let readings = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) readings = await poller.round();
  const used = process.cpuUsage(before);
  return { cpu: (used.user + used.system) / rounds / Number(devices), readings };
}

process.on("message", async (rounds: number) => process.send?.(await cost(rounds)));
process.on("disconnect", () => process.exit(0));
