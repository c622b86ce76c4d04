/** True where `place` (enterprise/site/area/line/cell) is `within` or below it. */
export function isWithin(place: string, within: string): boolean {
  return place === within || place.startsWith(`${within}/`);
}
