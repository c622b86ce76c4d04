import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type MqttConfig, mqttConfig } from "../../../../config/assets.ts";
import { isBad, qualityName } from "../../../../core/quality.ts";
import type { Put, RecordingSink } from "../contract.ts";

const folder = fileURLToPath(new URL("../../../cases/mqtt", import.meta.url));

/** `["metric{label=value}", value or null, quality]`, and the time as ISO 8601 where it matters. */
export type ExpectedReading = [series: string, value: number | null, quality: string, time?: string];

export interface MqttCase {
  readonly name: string;
  readonly mqtt: MqttConfig;
  /** Time of arrival. */
  readonly now: number;
  readonly messages: readonly { readonly topic: string; readonly payload: Buffer; readonly retained: boolean }[];
  readonly expected: readonly ExpectedReading[];
  readonly malformed: readonly string[];
  /** Origin of each series, in order of registering. */
  readonly origins: readonly string[] | undefined;
}

interface CaseFile {
  readonly now?: string;
  readonly mqtt: unknown;
  readonly messages: readonly {
    readonly topic: string;
    readonly payload?: string;
    readonly payload_hex?: string;
    readonly retain?: boolean;
  }[];
  readonly expected: readonly ExpectedReading[];
  readonly malformed: readonly string[];
  readonly origins?: readonly string[];
}

/** Every folder of test/cases/mqtt. */
export function loadCases(): MqttCase[] {
  return readdirSync(folder).map((name) => {
    const file: CaseFile = JSON.parse(readFileSync(join(folder, name, "case.json"), "utf8"));
    return {
      name,
      mqtt: mqttConfig.parse(file.mqtt),
      now: Date.parse(file.now ?? "2026-01-01T00:00:00Z"),
      messages: file.messages.map(({ topic, payload = "", payload_hex, retain = false }) => ({
        topic,
        payload: payload_hex === undefined ? Buffer.from(payload) : Buffer.from(payload_hex, "hex"),
        retained: retain,
      })),
      expected: file.expected,
      malformed: file.malformed,
      origins: file.origins,
    };
  });
}

/** What a sink got, in the words of a case; without times where the case has none. */
export function readingsOf(sink: RecordingSink, expected: readonly ExpectedReading[]): ExpectedReading[] {
  return sink.puts.map((put, i) => {
    const reading: ExpectedReading = [nameOf(put), isBad(put.quality) ? null : round(put.value), qualityName(put.quality)];
    return expected[i]?.[3] === undefined ? reading : [...reading, new Date(put.time).toISOString()];
  }) as ExpectedReading[];
}

function nameOf({ series }: Put): string {
  const labels = Object.keys(series.labels).sort();
  return `${series.metric}${labels.length === 0 ? "" : `{${labels.map((name) => `${name}=${series.labels[name]}`).join(",")}}`}`;
}

function round(value: number): number {
  return Number(value.toPrecision(12));
}
