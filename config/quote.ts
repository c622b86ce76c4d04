const longest = 60;

/**
 * A value as a message shows it: JSON, short, control characters escaped. Of a URL neither user and password nor path are
 * shown: a web hook's path is a secret.
 */
export function quote(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return kindOf(value);
  const bare = value.replace(/:\/\/.*@/s, "://<secret>@").replace(/(:\/\/[^/]*\/).+/s, "$1...");
  const short = bare.length > longest ? `${bare.slice(0, longest)}...` : bare;
  return JSON.stringify(short).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

/** What YAML made of it, in words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}
