import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alertsOf } from "../../adapters/notifiers/alertmanager/alerts.ts";
import { bodyOf } from "../../adapters/notifiers/webhook/body.ts";
import { createLog } from "../../cli/log.ts";
import { table } from "../../cli/output.ts";
import { createMetricsText } from "../../collector/metrics/text.ts";
import { dotText, type GraphExport, mermaidText } from "../../collector/services/export.ts";
import { reportCsv } from "../../collector/slo/report-csv.ts";
import { reportHtml } from "../../collector/slo/report-html.ts";
import type { AvailabilityReport, PeriodView } from "../../core/service-level.ts";
import { incident, notification } from "../adapters/notifiers/samples.ts";
import { SampleView } from "../collector/http/sample-view.ts";
import { hostileStrings } from "./strings.ts";

const each = Object.entries(hostileStrings);
const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.constantFrom(...Object.values(hostileStrings)));

/** What UTF-8 makes of a text: a lone surrogate has no bytes. */
const asUtf8 = (text: string): string => Buffer.from(text, "utf8").toString("utf8");

function collected(isTTY: boolean): { text: () => string; output: { isTTY: boolean; write(text: string): boolean } } {
  let text = "";
  const write = (part: string): boolean => {
    text += part;
    return true;
  };
  return { text: () => text, output: { isTTY, write } };
}

describe("Prometheus text: one sample a line, labels as they were", () => {
  const sample = /^[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? \S+$/;

  async function exported(label: string): Promise<{ lines: string[]; values: string[] }> {
    const labels = { sensor: label };
    const one = { asset: "a", metric: "temperature_celsius", unit: "Cel", kind: "gauge", origin: "x", value: 1, labels } as const;
    const view = new SampleView({ assets: [], services: [], alarms: [], agents: [] }, [one], () => 1e12);
    const text = (await createMetricsText(view).render()).bytes.toString("utf8");
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const values = lines.flatMap((line) => [...line.matchAll(/sensor="((?:[^"\\]|\\.)*)"/g)].map(([, value]) => value ?? ""));
    return { lines, values };
  }
  const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));

  test.each(each)("%s", async (_, text) => {
    const { lines, values } = await exported(text);
    for (const line of lines) expect(line).toMatch(sample);
    expect(values.map(unescaped)).toEqual([asUtf8(text)]);
  });

  test("any text", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText.filter((text) => text !== ""),
        async (text) => {
          const { lines, values } = await exported(text);
          expect(lines.every((line) => sample.test(line))).toBe(true);
          expect(values.map(unescaped)).toEqual([asUtf8(text)]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("JSON of webhooks, chats and Alertmanager: parses, and holds what it was given", () => {
  const told = (text: string) =>
    notification([{ kind: "opened", incident: incident({ title: text, causes: [text] }), was: null }], { text, title: text });

  test.each(each)("%s", (_, text) => {
    const of = (format: "millwright" | "slack" | "teams") =>
      JSON.parse(bodyOf({ format, content_type: "application/json" }, told(text)).text) as Record<string, unknown>;
    expect(of("millwright")).toMatchObject({ title: text, text });
    expect(String(of("slack")["text"])).not.toMatch(/<(?!http:\/\/|https:\/\/)/);
    expect(JSON.stringify(of("teams"))).not.toMatch(/[^\\]\]\(http/);
    const template = { format: "millwright", content_type: "application/json", body: '{"t":"{title}","x":"{text}"}' } as const;
    expect(JSON.parse(bodyOf(template, told(text)).text)).toEqual({ t: text, x: text });
    const [alert] = alertsOf(told(text), Date.now());
    expect(Object.keys(alert?.labels ?? {})).toEqual(["alertname", "incident", "severity"]);
    expect(alert?.annotations["summary"]).toBe(text);
  });
});

describe("CSV: as many cells as columns, and no formula", () => {
  test.each(each)("%s", (_, text) => {
    const rows = parsedCsv(reportCsv(reportOf(text)));
    expect(rows.map((row) => row.length)).toEqual([rows[0]?.length, rows[0]?.length]);
    const name = rows[1]?.[1] ?? "";
    expect([text, `'${text}`]).toContain(name);
    expect(name).not.toMatch(/^[=+\-@\t\r]/);
  });

  test("any text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [, row] = parsedCsv(reportCsv(reportOf(text)));
        expect([text, `'${text}`]).toContain(row?.[1]);
      }),
    );
  });
});

describe("HTML: text stays text", () => {
  const empty = reportHtml(reportOf("X")).match(/<[a-z/!][^>]*>/g);

  test.each(each)("%s", (_, text) => {
    const html = reportHtml(reportOf(text));
    // The same tags in the same order as with a harmless name.
    expect(html.match(/<[a-z/!][^>]*>/g)).toEqual(empty);
    expect(html).not.toContain("<script");
  });
});

test("any text: neither a tag of HTML, nor a statement of a graph, nor a line of a table or a log more", () => {
  const tags = (html: string): readonly string[] => html.match(/<[a-z/!][^>]*>/g) ?? [];
  const lines = (text: string): number => text.split("\n").length;
  const none = tags(reportHtml(reportOf("X")));
  fc.assert(
    fc.property(anyText, (text) => {
      expect(tags(reportHtml(reportOf(text)))).toEqual(none);
      const graph: GraphExport = { nodes: [{ id: "service:a", kind: "service", name: text }], edges: [] };
      expect([lines(dotText(graph)), lines(mermaidText(graph))]).toEqual([5, 3]);
      expect(lines(table([{ title: "name", value: (row: string) => row }], [text]))).toBe(3);
      const { text: printed, output } = collected(true);
      createLog({ stdout: output, stderr: output, env: { NO_COLOR: "1" } }, "info").warn({ reason: text }, text);
      expect(lines(printed())).toBe(2);
    }),
  );
});

describe("graphs: one statement a line", () => {
  const graphOf = (name: string): GraphExport => ({
    nodes: [
      { id: "service:a", kind: "service", name },
      { id: "asset:b", kind: "asset", name: "b" },
    ],
    edges: [{ from: "service:a", to: "asset:b", kind: "needs" }],
  });

  test.each(each)("%s", (_, text) => {
    const dot = dotText(graphOf(text)).split("\n");
    expect(dot).toHaveLength(7);
    expect(dot[2]).toMatch(/^ {2}"service:a" \[label="(?:[^"\\]|\\.)*", shape=box\]$/);
    const mermaid = mermaidText(graphOf(text)).split("\n");
    expect(mermaid).toHaveLength(5);
    expect(mermaid[1]).toMatch(/^ {2}n0\["[^"\]\n]*"\]$/);
  });
});

describe("terminal and logs: one line, nothing that moves a cursor or turns the text round", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what may not get through
  const dangerous = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

  test.each(each)("a table's cell: %s", (_, text) => {
    const printed = table([{ title: "name", value: (row: string) => row }], [text]);
    expect(printed.split("\n")).toHaveLength(3);
    expect(printed).not.toMatch(dangerous);
  });

  test.each(each)("a log line for programs: %s", (_, text) => {
    const { text: printed, output } = collected(false);
    createLog({ stdout: output, stderr: output, env: {} }, "info").warn({ reason: text }, "device said");
    expect(printed().trimEnd().split("\n")).toHaveLength(1);
    const { reason, msg } = JSON.parse(printed()) as { reason: string; msg: string };
    expect([asUtf8(reason), msg]).toEqual([asUtf8(text), "device said"]);
  });

  test.each(each)("a log line for people: %s", (_, text) => {
    const { text: printed, output } = collected(true);
    createLog({ stdout: output, stderr: output, env: { NO_COLOR: "1" } }, "info").warn({ reason: text }, `device said ${text}`);
    expect(printed().trimEnd().split("\n")).toHaveLength(1);
    expect(printed()).not.toMatch(dangerous);
  });
});

/** A month's report on one service of this name. */
function reportOf(name: string): AvailabilityReport {
  const measured = { from: 0, to: 1000, scheduled_seconds: 1, good_seconds: 1, down_seconds: 0, planned_seconds: 0 };
  const view = { ...measured, unknown_seconds: 0, outside_seconds: 0, coverage: 1, sli: { low: 1, high: 1 }, cost: null };
  const incidents = [{ id: name, causes: [name], reason: name }];
  const service: PeriodView = {
    ...view,
    ...{ service: "line", name, owner: name, zone: "UTC", level: "critical", target: null, met: null, budget: null },
    down_count: 1,
    outages: [{ kind: "down", from: 0, to: 1, incidents }],
    outages_left_off: 0,
    revised: null,
  };
  return { period: "2026-10", generated: 1000, complete: true, services: [service] };
}

/** RFC 4180. */
function parsedCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (bare ?? "") : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
