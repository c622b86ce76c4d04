import { z } from "zod";
import { neighbourProtocols, type Topology, topologyLimits, topologyTables } from "../../core/topology.ts";

const mac = z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, "is not a MAC address as 00:1b:21:0a:0b:0c");
const address = z
  .string()
  .max(64)
  .regex(/^[0-9a-fA-F:.]+$/, "is not an IP address");
const role = z
  .string()
  .max(40)
  .regex(/^[a-z0-9 -]+$/, "is not a role");

/** What an asset tells of the network around it, as an agent sends it and the store keeps it; `text` is a device's text, cut to size. */
export function topologySchema(text: z.ZodType<string, string>): z.ZodType<Topology> {
  const neighbour = z.object({
    protocol: z.enum(neighbourProtocols),
    port: text,
    chassis: text,
    remotePort: text,
    remoteText: text,
    system: text,
    platform: text,
    addresses: z.array(address).max(topologyLimits.addresses),
    roles: z.array(role).max(16),
  });
  const port = z.object({ port: text, count: z.int().min(1).max(1_000_000), macs: z.array(mac).max(topologyLimits.listed) });
  return z.object({
    time: z.int().min(0).max(8.64e15),
    self: z.object({ system: text, macs: z.array(mac).max(topologyLimits.macs) }),
    neighbours: z.array(neighbour).max(topologyLimits.neighbours),
    ports: z.array(port).max(topologyLimits.ports),
    stations: z.array(z.object({ mac, address })).max(topologyLimits.stations),
    partial: z.array(z.enum(topologyTables)).max(topologyTables.length),
  });
}
