/** What the bench's device has, and every poller fetches: 10 scalars, and 10 columns of a table of 48 ports. */

export const user = { name: "bench", auth: "authpass123", privacy: "privpass123" } as const;
export const community = "bench";
export const ports = 48;

export const scalars: readonly string[] = [
  "1.3.6.1.2.1.1.7.0",
  "1.3.6.1.2.1.2.1.0",
  "1.3.6.1.2.1.4.1.0",
  "1.3.6.1.2.1.4.3.0",
  "1.3.6.1.2.1.5.1.0",
  "1.3.6.1.2.1.6.5.0",
  "1.3.6.1.2.1.6.9.0",
  "1.3.6.1.2.1.7.1.0",
  "1.3.6.1.2.1.11.1.0",
  "1.3.6.1.2.1.25.1.6.0",
];

const ifEntry = "1.3.6.1.2.1.2.2.1";
const ifXEntry = "1.3.6.1.2.1.31.1.1.1";

/** A small table beside, as of a UPS or a sensor unit. */
export const fewRows = "1.3.6.1.4.1.99999.1.1";
export const fewColumns = [`${fewRows}.2`, `${fewRows}.3`, `${fewRows}.4`];
export const sensors = 6;

export interface BenchColumn {
  readonly name: string;
  readonly oid: string;
  readonly type: "gauge" | "counter";
  /** BER tag of its cells. */
  readonly tag: number;
}

export const columns: readonly BenchColumn[] = [
  { name: "ifAdminStatus", oid: `${ifEntry}.7`, type: "gauge", tag: 0x02 },
  { name: "ifOperStatus", oid: `${ifEntry}.8`, type: "gauge", tag: 0x02 },
  { name: "ifInDiscards", oid: `${ifEntry}.13`, type: "counter", tag: 0x41 },
  { name: "ifInErrors", oid: `${ifEntry}.14`, type: "counter", tag: 0x41 },
  { name: "ifOutDiscards", oid: `${ifEntry}.19`, type: "counter", tag: 0x41 },
  { name: "ifOutErrors", oid: `${ifEntry}.20`, type: "counter", tag: 0x41 },
  { name: "ifHCInOctets", oid: `${ifXEntry}.6`, type: "counter", tag: 0x46 },
  { name: "ifHCInUcastPkts", oid: `${ifXEntry}.7`, type: "counter", tag: 0x46 },
  { name: "ifHCOutOctets", oid: `${ifXEntry}.10`, type: "counter", tag: 0x46 },
  { name: "ifHCOutUcastPkts", oid: `${ifXEntry}.11`, type: "counter", tag: 0x46 },
];
