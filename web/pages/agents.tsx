import type { JSX } from "preact";
import type { AgentView } from "../../core/asset-view.ts";
import { Age, useNow } from "../age.tsx";
import { LevelMark } from "../level.tsx";
import { useRemote } from "../remote.ts";
import type { Plant } from "../store.ts";
import { TableHead } from "../table-head.tsx";
import { clockTime, duration, fullTime } from "../time.ts";
import { formatNumber, human } from "../units.ts";
import { Problem } from "./problem.tsx";

/** Agents: heard when, how far behind, what was lost. */
export function AgentsPage({ plant }: { readonly plant: Plant }): JSX.Element {
  const { data, error } = useRemote<{ agents: AgentView[] }>("/api/v1/agents", plant.live ? 1 : 0, 5000);
  if (data === undefined) return <Problem what="Agents" error={error} />;
  const silent = data.agents.filter((agent) => agent.silent).length;
  return (
    <>
      <header class="page-head">
        <h1>Agents</h1>
        <p class="quiet">{silent === 0 ? `${data.agents.length} heard` : `${silent} of ${data.agents.length} silent`}</p>
      </header>
      {data.agents.length === 0 ? <p class="quiet">No agent has sent anything yet. docs/security.md says how one is enrolled.</p> : null}
      <table>
        <TableHead
          columns={[
            "Agent",
            ["Heard", "number"],
            ["Spool", "number"],
            ["Clock", "number middling"],
            ["Assets", "number middling"],
            ["Batch", "number wide"],
            ["Version", "wide"],
          ]}
        />
        <tbody>
          {data.agents.map((agent) => (
            <AgentRow key={agent.name} agent={agent} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function AgentRow({ agent }: { agent: AgentView }): JSX.Element {
  const skewed = agent.skew_ms !== null && Math.abs(agent.skew_ms) > 2000;
  const spool = agent.spool_bytes === null ? undefined : human(agent.spool_bytes, "By", "");
  return (
    <tr>
      <td>
        <span class="part">
          <LevelMark level={agent.silent ? "unknown" : "ok"} />
          <span>{agent.name}</span>
        </span>
        {agent.silent ? <span class="text-unknown small"> silent</span> : null}
        {agent.behind_ms === undefined || agent.behind_ms === null ? null : (
          <div class="small">Live; its backlog drains, stored until {duration(agent.behind_ms)} ago</div>
        )}
        <Losses gaps={agent.gaps} />
      </td>
      <td class="number">
        <Age time={agent.last_seen} />
      </td>
      <td class="number">{spool === undefined ? "–" : `${spool.text} ${spool.unit}`}</td>
      <td class={skewed ? "number middling text-unknown" : "number middling"}>
        {agent.skew_ms === null ? "–" : skewText(agent.skew_ms)}
        {skewed ? " off" : ""}
      </td>
      <td class="number middling">{agent.assets}</td>
      <td class="number wide" title={agent.epoch}>
        {agent.seq}
      </td>
      <td class="wide">{agent.version}</td>
    </tr>
  );
}

/** A tenth of a second is what the way of a message takes. */
function skewText(ms: number): string {
  if (Math.abs(ms) < 100) return "in step";
  return `${ms < 0 ? "−" : "+"}${formatNumber(Math.abs(ms) / 1000)} s`;
}

/** So many losses are shown without being asked for. */
const newest = 3;

/** What was lost: when, how much, why; the newest first. */
function Losses({ gaps }: { gaps: AgentView["gaps"] }): JSX.Element | null {
  if (gaps.length === 0) return null;
  const lines = [...gaps].sort((a, b) => b.time - a.time).map((gap, i) => <Loss key={`${gap.time} ${i}`} gap={gap} />);
  return (
    <div class="small reason">
      <ul>{lines.slice(0, newest)}</ul>
      {lines.length <= newest ? null : (
        <details>
          <summary>{lines.length - newest} older losses</summary>
          <ul>{lines.slice(newest)}</ul>
        </details>
      )}
    </div>
  );
}

function Loss({ gap: { time, count, reason } }: { gap: AgentView["gaps"][number] }): JSX.Element {
  return (
    <li>
      <time title={fullTime(time)}>{clockTime(time, useNow())}</time> lost {count === 0 ? "readings" : `${formatNumber(count)} readings`}:{" "}
      {reason}
    </li>
  );
}
