/** Names as people say them: `A`, `A and B`, `A, B and C`; of more than `most` the first ones: `A, B, C and 2 more`. */
export function listed(names: readonly string[], most = Number.POSITIVE_INFINITY): string {
  const more = names.length - most;
  const parts = more > 0 ? [...names.slice(0, most), `${more} more`] : names;
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
