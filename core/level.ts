/** How bad: `ok` < `warning` < `major` < `critical`. Numbers inside, names at the edges. */
export const levelNames = ["ok", "warning", "major", "critical"] as const;
export type LevelName = (typeof levelNames)[number];
export type Level = 0 | 1 | 2 | 3;

export const OK = 0;
export const WARNING = 1;
export const MAJOR = 2;
export const CRITICAL = 3;

export function levelName(level: Level): LevelName {
  return levelNames[level];
}

export function levelOf(name: LevelName): Level {
  return levelNames.indexOf(name) as Level;
}
