/** A typed array that grows. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** The column itself where it has so many places, else a copy that has, the new ones 0. It doubles: growing one by one stays cheap. */
export function withRoom<C extends Column>(column: C, size: number): C {
  if (size <= column.length) return column;
  const wider = new (column.constructor as new (length: number) => C)(Math.max(size, 2 * column.length));
  wider.set(column);
  return wider;
}
