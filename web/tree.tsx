import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { NeedView } from "../core/service-view.ts";
import { Since } from "./age.tsx";
import { LevelMark } from "./level.tsx";
import { levelText } from "./order.ts";
import { paths } from "./route.ts";

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
  return (
    <span class="need">
      <LevelMark level={need.level} />
      <span class="need-text">
        {href === undefined ? need.text : <a href={href}>{need.text}</a>}
        {need.kind === "service" ? <span class="quiet"> service</span> : null}
        <span class={need.level === "ok" ? "hidden" : `text-${need.level}`}> {levelText[need.level].toLowerCase()}</span>
        {need.level === "ok" || need.why === "" || need.why === need.text ? null : <span class="need-why">{need.why}</span>}
      </span>
      {need.level === "ok" || need.since === null ? null : (
        <span class="need-since quiet">
          <Since time={need.since} />
        </span>
      )}
    </span>
  );
}
