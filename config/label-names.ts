import type { Finding } from "./check.ts";
import type { Path } from "./fault.ts";
import type { Content } from "./references.ts";

/**
 * Names that Prometheus, its exposition format and its scrapers give a meaning of their own (prometheus.io/docs/instrumenting/
 * writing_exporters; a scraped `service` becomes `exported_service`), and `asset`, which every series of ours carries.
 */
const reserved = new Set(["service", "job", "instance", "le", "quantile", "asset"]);

const reason = (name: string): string | undefined => {
  if (name.startsWith("__")) return "labels that start with __ belong to Prometheus";
  if (name === "asset") return "every series carries the asset's id as `asset`";
  return reserved.has(name) ? "Prometheus and its scrapers give this label a meaning of their own" : undefined;
};

/** Labels that nobody can use for his own. */
export function labelFindings({ assets }: Content): Finding[] {
  const found: Finding[] = [];
  const refuse = (labels: Readonly<Record<string, unknown>>, path: Path): void => {
    for (const name of Object.keys(labels)) {
      const why = reason(name);
      if (why !== undefined) found.push({ path: [...path, name], spot: "key", message: `cannot be a label: ${why}` });
    }
  };
  for (const [id, asset] of Object.entries(assets)) {
    const path = ["assets", id];
    refuse(asset.labels, [...path, "labels"]);
    if (Object.hasOwn(asset.labels, "id"))
      found.push({ path: [...path, "labels", "id"], spot: "key", message: "cannot be a label: in selectors `id` is the asset's own id" });
    for (const [i, metric] of (asset.modbus?.metrics ?? []).entries()) refuse(metric.labels, [...path, "modbus", "metrics", i, "labels"]);
    for (const [i, topic] of (asset.mqtt?.topics ?? []).entries()) {
      const at = [...path, "mqtt", "topics", i];
      for (const [name, metric] of Object.entries(topic.metrics)) refuse(metric.labels, [...at, "metrics", name, "labels"]);
      for (const [, name = ""] of topic.topic.matchAll(/\{([^}]*)\}/g)) {
        const why = reason(name);
        if (why !== undefined) found.push({ path: [...at, "topic"], spot: "value", message: `{${name}} cannot be a label: ${why}` });
      }
    }
  }
  return found;
}
