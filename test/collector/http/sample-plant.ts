import type { AlarmView } from "../../../core/alarm-view.ts";
import type { AgentView, AssetView } from "../../../core/asset-view.ts";
import type { ServiceDetail } from "../../../core/service-view.ts";
import { sampleAgents } from "./sample-agents.ts";
import { sampleAlarms } from "./sample-alarms.ts";
import { sampleAssets } from "./sample-assets.ts";
import { type SampleSeries, sampleSeries } from "./sample-series.ts";
import { sampleServices } from "./sample-services.ts";

/** What the view of a plant made by hand shows; a test may change it. */
export interface SamplePlant {
  assets: AssetView[];
  services: ServiceDetail[];
  alarms: AlarmView[];
  agents: AgentView[];
}

/** Filler 31 overheats and stops line 3; the MES server does not answer. */
export function samplePlant(now: number): { plant: SamplePlant; series: SampleSeries[] } {
  const alarms = sampleAlarms(now);
  const plant = { assets: sampleAssets(now), services: sampleServices(now, alarms), alarms, agents: sampleAgents(now) };
  return { plant, series: sampleSeries() };
}
