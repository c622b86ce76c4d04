/** Where a command's data and messages go: the process's streams, or a test's. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface Io {
  /** Data only. */
  readonly stdout: Output;
  /** Messages, warnings, logs. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}
