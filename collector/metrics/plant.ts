import type { AlarmView } from "../../core/alarm-view.ts";
import type { ShownLevel } from "../../core/asset-view.ts";
import { type LevelName, levelOf } from "../../core/level.ts";
import type { CollectorView } from "../view.ts";
import type { TextBuffer } from "./buffer.ts";
import type { Family, Sample } from "./family.ts";
import { exportedLabels, familyHead, seriesPrefix } from "./names.ts";
import { serviceLevelFamilies } from "./service-levels.ts";

const states: readonly ShownLevel[] = ["ok", "warning", "major", "critical", "unknown"];

/** Writes assets, services, alarms, agents and the collector's own counts: what there is of each is few, so nothing is kept. */
export function writePlant(view: CollectorView, hidden: number, out: TextBuffer): void {
  const judged = [...services(view), ...serviceLevelFamilies(view), alarms(view), ...alarmLoad(view), ...incidents(view)];
  for (const family of [...assets(view), ...judged, ...agents(view), ...counts(view, hidden)]) write(family, out);
}

function write(family: Family, out: TextBuffer): void {
  const seen = new Set<string>();
  let head = familyHead(family.name, family.type, family.help);
  for (const { labels, value } of family.samples) {
    const prefix = seriesPrefix(family.name, labels);
    if (!Number.isFinite(value) || seen.has(prefix)) continue;
    seen.add(prefix);
    out.put(`${head}${prefix}${value}\n`);
    head = "";
  }
}

function assets(view: CollectorView): Family[] {
  const all = view.assets();
  return [
    {
      name: "millwright_asset_info",
      type: "gauge",
      help: "What an asset is; always 1. Its config labels carry the prefix label_.",
      samples: all.map((asset) => ({ labels: { ...prefixed(asset.labels), asset: asset.id, name: asset.name, at: asset.at }, value: 1 })),
    },
    {
      name: "millwright_asset_up",
      type: "gauge",
      help: "1 while this source of the asset delivers.",
      // What its agent said last holds no longer where nothing has come since: an agent that is gone says nothing of it.
      samples: all.flatMap(({ id, up, sources }) =>
        sources.map(({ protocol, state }) => ({ labels: { asset: id, source: protocol }, value: up && state === "up" ? 1 : 0 })),
      ),
    },
    {
      name: "millwright_asset_level",
      type: "gauge",
      help: "Level of an asset: 0 ok, 1 warning, 2 major, 3 critical; absent while unknown.",
      samples: all.flatMap((asset) => (asset.level === "unknown" ? [] : [{ labels: { asset: asset.id }, value: levelOf(asset.level) }])),
    },
  ];
}

function prefixed(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(exportedLabels(labels)).map(([name, value]) => [`label_${name}`, value]));
}

function services(view: CollectorView): Family[] {
  const all = view.services();
  return [
    {
      name: "millwright_service_info",
      type: "gauge",
      help: "What a business service is; always 1.",
      samples: all.map((service) => ({ labels: { business_service: service.id, name: service.name, owned_by: service.owner }, value: 1 })),
    },
    {
      name: "millwright_service_asset_info",
      type: "gauge",
      help: "A business service relies on this asset, directly or through other services; always 1.",
      samples: view
        .assets()
        .flatMap((asset) => asset.services.map((service) => ({ labels: { business_service: service, asset: asset.id }, value: 1 }))),
    },
    {
      name: "millwright_service_level",
      type: "gauge",
      help: "Level of a business service with unknown counted as ok: 0 ok, 1 warning, 2 major, 3 critical.",
      samples: all.map((service) => ({ labels: { business_service: service.id }, value: levelOf(service.low) })),
    },
    {
      name: "millwright_service_state",
      type: "gauge",
      help: "1 for the shown state of a business service, 0 for the others; unknown where missing data could change the level.",
      samples: all.flatMap((service) =>
        states.map((state) => ({ labels: { business_service: service.id, state }, value: service.level === state ? 1 : 0 })),
      ),
    },
  ];
}

function alarms(view: CollectorView): Family {
  const samples = new Map<string, Sample>();
  for (const alarm of view.alarms()) keepWorst(samples, alarm);
  return {
    name: "millwright_alarm_state",
    type: "gauge",
    help: "1 while an alarm of this level is active on an asset, 0 while its on-delay runs; absent while normal.",
    samples: [...samples.values()],
  };
}

function alarmLoad(view: CollectorView): Family[] {
  const load = view.alarmLoad();
  const one = (value: number): Sample[] => [{ labels: {}, value }];
  const chattering = new Map<string, Sample>();
  for (const { alarm, asset, chattering: chatters } of load.most_frequent) {
    const value = Math.max(chatters ? 1 : 0, chattering.get(`${alarm} ${asset}`)?.value ?? 0);
    chattering.set(`${alarm} ${asset}`, { labels: { alarm, asset }, value });
  }
  return [
    {
      name: "millwright_alarm_announcements_total",
      type: "counter",
      help: "Alarms that were announced, over restarts.",
      samples: one(load.announced_total),
    },
    {
      name: "millwright_alarm_recent_announcements",
      type: "gauge",
      help: "Alarms that were announced in the last 10 minutes.",
      samples: one(load.last_10_minutes),
    },
    {
      name: "millwright_alarm_flood",
      type: "gauge",
      help: "1 while more than 10 alarms were announced in 10 minutes.",
      samples: one(load.flood ? 1 : 0),
    },
    {
      name: "millwright_alarm_chattering",
      type: "gauge",
      help: "1 while an alarm was raised 3 times or more in a minute; of the 20 that are raised most often.",
      samples: [...chattering.values()],
    },
  ];
}

/** Several series of one asset may be in the same alarm. */
function keepWorst(samples: Map<string, Sample>, alarm: AlarmView): void {
  const key = JSON.stringify([alarm.alarm, alarm.asset, alarm.level]);
  const value = alarm.state === "pending" ? 0 : 1;
  if ((samples.get(key)?.value ?? -1) >= value) return;
  const level: LevelName = alarm.level;
  samples.set(key, { labels: { alarm: alarm.alarm, asset: alarm.asset, level }, value });
}

function agents(view: CollectorView): Family[] {
  const all = view.agents();
  const family = (name: string, help: string, value: (agent: (typeof all)[number]) => number | null): Family => ({
    name,
    type: "gauge",
    help,
    samples: all.map((agent) => ({ labels: { agent: agent.name }, value: value(agent) ?? Number.NaN })),
  });
  return [
    family("millwright_agent_spool_bytes", "Bytes on the agent's disk that wait to be sent.", (agent) => agent.spool_bytes),
    family("millwright_agent_last_seen_timestamp_seconds", "When the agent was heard last.", (agent) => agent.last_seen / 1000),
    family("millwright_agent_clock_skew_seconds", "Agent's clock minus the collector's.", (agent) =>
      agent.skew_ms === null ? null : agent.skew_ms / 1000,
    ),
    {
      name: "millwright_agent_traps_total",
      type: "counter",
      help: "Datagrams at the agent's port for SNMP traps, by what became of them.",
      samples: all.flatMap(({ name, traps = {} }) =>
        Object.entries(traps).map(([outcome, value]) => ({ labels: { agent: name, outcome }, value })),
      ),
    },
  ];
}

function incidents({ duty }: CollectorView): Family[] {
  const channels = duty.channels();
  const open = duty.incidents({ state: "open" });
  const outcomes = (["sent", "failed", "rejected", "dropped"] as const).flatMap((outcome) =>
    channels.map((one) => ({ labels: { channel: one.channel, outcome }, value: one[outcome] })),
  );
  return [
    {
      name: "millwright_incidents_open",
      type: "gauge",
      help: "Incidents that are not resolved, by whether all of it is planned work.",
      samples: [true, false].map((planned) => ({
        labels: { planned: String(planned) },
        value: open.filter((incident) => incident.planned === planned).length,
      })),
    },
    {
      name: "millwright_notifications_total",
      type: "counter",
      help: "Messages sent, attempts that failed, messages that the channel refused for good, and those given up.",
      samples: outcomes,
    },
    {
      name: "millwright_notifications_waiting",
      type: "gauge",
      help: "Messages that this channel has not taken yet.",
      samples: channels.map(({ channel, waiting }) => ({ labels: { channel }, value: waiting })),
    },
  ];
}

function counts(view: CollectorView, hidden: number): Family[] {
  const { readings, rollupDrift, sinks } = view.counts();
  const ofSinks = (name: string, type: "gauge" | "counter", help: string, value: (sink: (typeof sinks)[number]) => number): Family => ({
    name,
    type,
    help,
    samples: sinks.map((sink) => ({ labels: { sink: sink.name }, value: value(sink) })),
  });
  return [
    {
      name: "millwright_readings_total",
      type: "counter",
      help: "Readings that reached the collector, by what became of them.",
      samples: [...readings].map(([outcome, value]) => ({ labels: { outcome }, value })),
    },
    {
      name: "millwright_rollup_drift_total",
      type: "counter",
      help: "Services whose level differed from a full recompute.",
      samples: [{ labels: {}, value: rollupDrift }],
    },
    {
      name: "millwright_series_hidden",
      type: "gauge",
      help: "Series not exported here since another one has the same exported name and labels.",
      samples: [{ labels: {}, value: hidden }],
    },
    ofSinks("millwright_sink_backlog_readings", "gauge", "Readings that this sink has not taken yet.", (sink) => sink.behind),
    ofSinks("millwright_sink_written_total", "counter", "Readings that this sink has taken.", (sink) => sink.written),
    ofSinks("millwright_sink_rejected_total", "counter", "Readings that this sink's engine refused for good.", (sink) => sink.rejected),
  ];
}
