/** A place in a file, both from 1. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/** One thing that is wrong in a config or profile. */
export interface Fault {
  readonly file: string;
  /** Absent where the whole file is meant. */
  readonly at?: Position;
  /** `assets.filler-31.modbus.order`; empty where no key is meant. */
  readonly path: string;
  /** What was found, what was expected, did you mean. Never a secret. */
  readonly message: string;
}

export type Path = readonly PropertyKey[];

/** `plant.yaml:41:9: assets.filler-31.modbus.order: "ABDC" is not one of ...` */
export function faultText(fault: Fault): string {
  return `${faultPlace(fault.file, fault.at)}: ${fault.path === "" ? "" : `${fault.path}: `}${fault.message}`;
}

/** `plant.yaml:41:9` */
export function faultPlace(file: string, at: Position | undefined): string {
  return at === undefined ? file : `${file}:${at.line}:${at.col}`;
}

/** `assets.filler-31.via[0]`; a key with a dot or a blank stands in quotes. */
export function pathText(path: Path): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += `${text === "" ? "" : "."}${/^[\w:-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key))}`;
  }
  return text;
}

/** A config or profile cannot be used. Carries all that is wrong with it, in the order of files and lines. */
export class ConfigFaults extends Error {
  override readonly name = "ConfigFaults";
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const sorted = inOrder(faults);
    super(sorted.map(faultText).join("\n"));
    this.faults = sorted;
  }
}

/** In the order of files and lines. */
export function inOrder(faults: readonly Fault[]): readonly Fault[] {
  return [...faults].sort(byPlace);
}

function byPlace(a: Fault, b: Fault): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  const [from, to] = [a.at ?? start, b.at ?? start];
  return from.line - to.line || from.col - to.col;
}

const start: Position = { line: 0, col: 0 };
