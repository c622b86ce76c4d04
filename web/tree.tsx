import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { clauseOf } from "../core/reason.ts";
import type { NeedView } from "../core/service-view.ts";
import { Since } from "./age.tsx";
import { LevelMark } from "./level.tsx";
import { levelText } from "./order.ts";
import { paths } from "./route.ts";
import { unbroken } from "./unbroken.ts";
import { formatNumber } from "./units.ts";

/** What a service needs, down to its assets; branches that are ok begin closed, so that the eye falls on the others. */
export function NeedTree({ needs }: { readonly needs: readonly NeedView[] }): JSX.Element {
  return (
    <ul class="tree">
      {needs.map((need, i) => (
        <li key={`${i} ${need.id}`}>
          <Need need={need} />
        </li>
      ))}
    </ul>
  );
}

function Need({ need }: { readonly need: NeedView }): JSX.Element {
  const [chosen, choose] = useState<boolean | undefined>(undefined);
  if (need.children.length === 0) return <NeedLine need={need} />;
  const open = chosen ?? need.level !== "ok";
  return (
    <>
      <div class="branch">
        <NeedLine need={need} />
        <button type="button" class="fold" aria-expanded={open} onClick={() => choose(!open)}>
          <span class="hidden">What {need.text} needs</span>
        </button>
      </div>
      {open ? <NeedTree needs={need.children} /> : null}
    </>
  );
}

function NeedLine({ need }: { readonly need: NeedView }): JSX.Element {
  const href = need.kind === "asset" ? paths.asset(need.id) : need.kind === "service" ? paths.service(need.id) : undefined;
  const why = need.level === "ok" ? "" : unbroken(clauseOf({ name: need.text, why: need.why }));
  return (
    <span class="need">
      <LevelMark level={need.level} />
      <span class="need-text">
        {href === undefined ? need.text : <a href={href}>{need.text}</a>}
        {need.kind === "service" ? <span class="quiet"> service</span> : null}
        {need.weight === undefined ? null : <span class="quiet"> counts {formatNumber(need.weight)}</span>}
        {need.worst === undefined ? null : <span class="quiet"> at most {need.worst}</span>}
        <span class={need.level === "ok" ? "hidden" : `text-${need.level}`}> {levelText[need.level].toLowerCase()}</span>
        {why === "" || why === need.text ? null : <span class="need-why">{why}</span>}
      </span>
      {need.level === "ok" || need.since === null ? null : (
        <span class="need-since quiet">
          <Since time={need.since} />
        </span>
      )}
    </span>
  );
}
