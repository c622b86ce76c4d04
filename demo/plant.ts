/** Where the simulated devices listen. */
export interface DemoPorts {
  readonly hallSwitch: number;
  readonly dataCentreSwitch: number;
  readonly ups: number;
  readonly server: number;
  readonly fillers: readonly [number, number, number];
  readonly meter: number;
  readonly broker: number;
}

/** The environment variable that holds the demo's SNMP community, so that its config has no literal secret. */
export const communityVariable = "MILLWRIGHT_DEMO_COMMUNITY";

/** The demo's config, as an engineer would write it. */
export function demoConfig(place: { ports: DemoPorts; listen: string }): string {
  const { ports, listen } = place;
  const snmp = (port: number, profiles: string): string =>
    `{ host: 127.0.0.1, port: ${port}, version: 2c, community: "env:${communityVariable}", profile: ${profiles}, every: 2s, timeout: 500ms, retries: 0 }`;
  const filler = (unit: number, port: number): string => `
  filler-${unit}:
    name: Filler ${unit}
    at: acme/brno/hall-1/line-3/filler-${unit}
    labels: { type: filler, line: "3" }
    via: [core-sw-1]
    dead_after: 5s
    attributes: { nominal_bph: 12000 }
    modbus: { tcp: "127.0.0.1:${port}", unit: ${unit}, profile: demo-filler, every: 2s, timeout: 500ms }`;
  return `# The config of \`millwright demo\`: a bottling hall and its data centre. Try: npx millwright config check THIS-FILE
agent:
  name: demo
  collector: http://${listen}
  spool: { dir: ./spool, max_size: 256MiB }

collector:
  listen: ${listen}
  store: { duckdb: { dir: ./store, retain: 7d } }

brokers:
  hall: { url: "mqtt://127.0.0.1:${ports.broker}", client_id: millwright-demo }

assets:
  core-sw-1:
    name: Core switch, hall 1
    at: acme/brno/hall-1
    labels: { type: switch, area: hall }
    dead_after: 5s
    snmp: ${snmp(ports.hallSwitch, "[system, if-mib]")}
  dc-sw-1:
    name: Data centre switch
    at: acme/brno/data-centre
    labels: { type: switch, area: data-centre }
    dead_after: 5s
    snmp: ${snmp(ports.dataCentreSwitch, "[system, if-mib]")}
  ups-1:
    name: UPS of the data centre
    at: acme/brno/data-centre
    labels: { type: ups }
    dead_after: 5s
    snmp: ${snmp(ports.ups, "[system, ups-rfc1628]")}
  mes-server:
    name: MES server
    at: acme/brno/data-centre
    labels: { type: server }
    via: [dc-sw-1]
    dead_after: 5s
    snmp: ${snmp(ports.server, "[system, host-resources]")}${filler(31, ports.fillers[0])}${filler(32, ports.fillers[1])}${filler(33, ports.fillers[2])}
  meter-hall-1:
    name: Energy meter, hall 1
    at: acme/brno/hall-1
    labels: { type: meter }
    via: [core-sw-1]
    dead_after: 5s
    modbus: { tcp: "127.0.0.1:${ports.meter}", unit: 1, profile: eastron-sdm630, every: 2s, timeout: 500ms }
  compressor:
    name: Compressor
    at: acme/brno/hall-1/air
    labels: { type: compressor }
    dead_after: 1m
    mqtt:
      broker: hall
      every: 2s
      topics:
        - topic: plant/air/{sensor}
          format: json
          metrics:
            pressure_pascals: { path: $.bar, unit: bar }
            temperature_celsius: { path: $.temp, unit: Cel }
            air_flow_cubic_meters_per_second: { path: $.flow_m3h, unit: m3/h }
          time: $.ts
  labeller-3:
    name: Labeller 3
    at: acme/brno/hall-1/line-3/labeller
    labels: { type: labeller, line: "3" }
    dead_after: 1m
    mqtt:
      broker: hall
      every: 2s
      topics:
        - topic: plant/line-3/labeller
          format: json
          metrics:
            machine_state: { path: $.state, kind: state, states: { "0": idle, "1": running, "2": starved, "3": blocked, "4": fault } }
            labels_per_hour: { path: $.per_min, unit: /min }
            labels_total: { path: $.total, kind: counter }
          time: $.ts

alarms:
  bearing-hot:
    on: { type: filler }
    metric: temperature_celsius
    where: { sensor: bearing }
    warning: { above: 70, clear: 66, for: 2s, hold: 2s }
    critical: { above: 85, clear: 80, for: 2s }
    text: "{asset.name}: bearing at {value}"
    runbook: https://wiki.example/bearing
  filler-fault:
    on: { type: filler }
    metric: machine_state
    critical: { is: fault, for: 2s }
  uplink-down:
    asset: core-sw-1
    metric: if_oper_status
    where: { if_name: Gi1/0/1 }
    critical: { is: down, for: 2s }
    text: "{asset.name}: uplink Gi1/0/1 is {value}"
  ups-on-battery:
    on: { type: ups }
    metric: ups_output_source
    major: { is: battery, for: 1s }
    text: "{asset.name}: on battery"
  air-low:
    on: { type: compressor }
    metric: pressure_pascals
    warning: { below: 6.5e5, clear: 6.6e5, for: 1s }
    critical: { below: 5.8e5, clear: 6.2e5, for: 1s }
    text: "{asset.name}: air at {value}"
  cpu-busy:
    on: { type: server }
    metric: load_ratio
    warning: { above: 0.9, clear: 0.8, for: 30s }
  disk-full:
    on: { type: server }
    metric: storage_used_ratio
    where: { type: fixed_disk }
    warning: { above: 0.8, clear: 0.75, for: 30s }
    critical: { above: 0.95, clear: 0.9, for: 30s }

services:
  bottling-line-3:
    name: Bottling line 3
    owner: production
    needs:
      - { of: "{type=filler,line=3}", at_least: 2, degraded_below: 3 }
      - service compressed-air
      - service mes
      - asset core-sw-1
      - { asset: labeller-3, worst: major }
    cost_per_hour: 4000 EUR
  compressed-air:
    name: Compressed air
    owner: utilities
    needs:
      - asset compressor
      - compressor pressure_pascals{sensor=main} >= 6e5 for 2s clear 6.2e5
  mes:
    name: MES
    owner: it
    needs:
      - asset mes-server
      - asset dc-sw-1
      - { service: data-centre-power, worst: warning }
  data-centre-power:
    name: Data centre power
    owner: it
    needs: [asset ups-1]
  energy-reporting:
    name: Energy reporting
    owner: energy
    needs:
      - asset meter-hall-1
      - { service: mes, worst: major }
`;
}
