import { basename } from "node:path";
import { type SpoolFiles, writeAll } from "./files.ts";

/** Quarantine is for the operator to look at: it may not fill the disk. */
const mostBytes = 64 * 1024 * 1024;

/** Moves a damaged segment to quarantine/. */
export async function keepDamaged(files: SpoolFiles, folder: string, path: string): Promise<void> {
  await files.makeFolder(`${folder}/quarantine`);
  await files.rename(path, `${folder}/quarantine/${basename(path)}`);
  await makeRoom(files, `${folder}/quarantine`);
}

/** Keeps bytes (a refused record, a torn tail) under a name in quarantine/. */
export async function keepBytes(files: SpoolFiles, folder: string, kept: { readonly name: string; readonly bytes: Buffer }): Promise<void> {
  await files.makeFolder(`${folder}/quarantine`);
  const path = `${folder}/quarantine/${kept.name}`;
  await files.remove(path).catch(() => {});
  const file = await files.open(path, "create");
  try {
    await writeAll(file, kept.bytes, 0);
  } finally {
    await file.close();
  }
  await makeRoom(files, `${folder}/quarantine`);
}

/** Names begin with a seq, so the first in order is the oldest. */
async function makeRoom(files: SpoolFiles, quarantine: string): Promise<void> {
  const names = [...(await files.list(quarantine))].sort();
  const sizes = await Promise.all(names.map((name) => files.size(`${quarantine}/${name}`)));
  let total = sizes.reduce((sum, size) => sum + size, 0);
  for (const [at, name] of names.entries()) {
    if (total <= mostBytes || at === names.length - 1) return;
    await files.remove(`${quarantine}/${name}`);
    total -= sizes[at] ?? 0;
  }
}
