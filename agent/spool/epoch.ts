import { randomUUID } from "node:crypto";
import { replaceFile, type SpoolFiles } from "./files.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The epoch of a spool; a spool without a readable one begins a new one. */
export async function openEpoch(files: SpoolFiles, folder: string): Promise<string> {
  const found = (await files.readText(`${folder}/EPOCH`))?.trim() ?? "";
  return uuid.test(found) ? found : newEpoch(files, folder);
}

/** Begins a new epoch: seqs of the old one are never taken for its own. */
export async function newEpoch(files: SpoolFiles, folder: string): Promise<string> {
  const epoch = randomUUID();
  await replaceFile(files, folder, { name: "EPOCH", text: `${epoch}\n` });
  return epoch;
}
