import type { Commands } from "./program.ts";

/**
 * Every command, in the order of the help: a new one is a file of its own and a line here. Each file is loaded when its
 * command is called, so that what one of them imports costs the others nothing.
 */
export const commands: Commands = {
  demo: async () => (await import("./demo.ts")).registerDemo,
  agent: async () => (await import("./agent.ts")).registerAgent,
  collector: async () => (await import("./collector.ts")).registerCollector,
  up: async () => (await import("./up.ts")).registerUp,
  poll: async () => (await import("./poll.ts")).registerPoll,
  doctor: async () => (await import("./doctor.ts")).registerDoctor,
  snmp: async () => (await import("./snmp.ts")).registerSnmp,
  modbus: async () => (await import("./modbus.ts")).registerModbus,
  mqtt: async () => (await import("./mqtt.ts")).registerMqtt,
  profiles: async () => (await import("./profiles.ts")).registerProfiles,
  discover: async () => (await import("./discover.ts")).registerDiscover,
  enrol: async () => (await import("./enrol.ts")).registerEnrol,
  token: async () => (await import("./token.ts")).registerToken,
  user: async () => (await import("./user.ts")).registerUser,
  services: async () => (await import("./services.ts")).registerServices,
  rules: async () => (await import("./rules.ts")).registerRules,
  backtest: async () => (await import("./backtest.ts")).registerBacktest,
  report: async () => (await import("./report.ts")).registerReport,
  notify: async () => (await import("./notify.ts")).registerNotify,
  config: async () => (await import("./config.ts")).registerConfig,
  "config-check": async () => (await import("./config.ts")).registerConfigCheck,
  dashboards: async () => (await import("./dashboards.ts")).registerDashboards,
  version: async () => (await import("./version.ts")).registerVersion,
};
