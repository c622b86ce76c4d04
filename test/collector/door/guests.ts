import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Door } from "../../../collector/door/door.ts";
import { EnrolledAgents } from "../../../collector/door/enrolled.ts";
import { type Right, roles } from "../../../collector/door/rights.ts";
import { Tokens } from "../../../collector/door/tokens.ts";
import type { Intake } from "../../../collector/intake.ts";
import { config as schema } from "../../../config/schema.ts";
import { Secret } from "../../../config/secret.ts";
import { silentLog } from "../../../core/log.ts";
import { newPrivateKey, publicKeyOf, readPrivateKey, signatureHeader, signRequest } from "../../../core/signature.ts";
import { FakeClock } from "../../fake-clock.ts";
import { serve, start, type TestServer } from "../http/server.ts";

export const epoch = "5f0c6d0e-0000-4000-8000-000000000000";
export const password = "correct horse battery staple";
/** Its hash at the least cost that is taken: these tests sign in a hundred times. */
const hash = "$scrypt$ln=10,r=8,p=1$bWlsbHdyaWdodCB0ZXN0cw$FSmjbxOsOMePycnYtQXHL2Z0h5D+8IxZWMlFD79xSKw";

/** A collector with a viewer, an operator and an admin of the same password, and whatever else a test lets in. */
export interface House {
  readonly dir: string;
  readonly door: Door;
  readonly clock: FakeClock;
  readonly tokens: Tokens;
  readonly enrolled: EnrolledAgents;
  readonly server: TestServer;
  /** Signs in and returns what a browser would send from then on. */
  signIn(user: string): Promise<Record<string, string>>;
  apiToken(rights: readonly Right[], ttlMs?: number): Record<string, string>;
  close(): Promise<void>;
}

export async function openHouse(
  more: { loopback?: boolean; users?: boolean; assets?: object; intake?: Intake; webRoot?: string } = {},
): Promise<House> {
  const dir = mkdtempSync(join(tmpdir(), "millwright-door-"));
  writeFileSync(join(dir, "hash"), hash);
  const clock = new FakeClock(start);
  const { assets } = schema.parse({ assets: more.assets ?? {} });
  const user = (role: (typeof roles)[number]) => [role, { role, password: new Secret("file:hash", dir) }] as const;
  const users = more.users === false ? {} : Object.fromEntries(roles.map(user));
  const door = new Door({ config: { users, assets }, dir, loopback: more.loopback ?? true, clock, log: silentLog });
  const tokens = new Tokens(dir);
  const server = await serve({
    door,
    acts: { recent: () => [], act: () => Promise.resolve({ kind: "refused", why: "a test" }) },
    ingest: more.intake ?? takesAll,
    ...(more.webRoot === undefined ? {} : { webRoot: more.webRoot }),
  });
  return {
    dir,
    door,
    clock,
    tokens,
    enrolled: new EnrolledAgents(dir),
    server,
    async signIn(name) {
      const body = JSON.stringify({ user: name, password });
      const answer = await server.post("/api/v1/session", body, { "content-type": "application/json" });
      const [cookie = ""] = answer.headers["set-cookie"] ?? [];
      return { cookie: cookie.split(";")[0] ?? "", origin: server.url };
    },
    apiToken(rights, ttlMs = 60_000) {
      const { token } = tokens.create({ kind: "api", name: "test", rights: [...rights], ttlMs, now: clock.now() });
      return { authorization: `Bearer ${token}` };
    },
    async close() {
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const takesAll: Intake = {
  mark: () => ({ mark: null, time: start }),
  ingest: ({ seq }) => Promise.resolve({ kind: "stored", ack: seq, time: start }),
  run: ({ seq }) => Promise.resolve({ kind: "stored", ack: seq, time: start }),
  now: () => Promise.resolve({ kind: "shown", time: start }),
  describe: () => Promise.resolve({ kind: "described", ack: null, time: start }),
};

/** An agent with a key of its own. */
export class Guest {
  readonly key = readPrivateKey(newPrivateKey());
  readonly publicKey = publicKeyOf(this.key);
  readonly name: string;

  constructor(name = "hall-1") {
    this.name = name;
  }

  /** The headers of a request that it signs; `change` is applied to what is signed, `after` to what is sent. */
  signed(
    method: "GET" | "POST",
    path: string,
    { body, seq = "42", sentAt = start }: { body?: string | Buffer; seq?: string; sentAt?: number } = {},
  ): Record<string, string> {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const request = { method, path, agent: this.name, epoch, seq, sentAt: String(sentAt), body: bytes };
    return {
      "x-millwright-agent": this.name,
      "x-millwright-epoch": epoch,
      "x-millwright-sent-at": String(sentAt),
      "x-millwright-version": "1",
      ...(seq === "" ? {} : { "x-millwright-seq": seq }),
      [signatureHeader]: signRequest(request, this.key),
    };
  }
}

/** Headers of a batch beside those that are signed. */
export const batch = {
  "content-type": "application/vnd.millwright.batch",
  "x-millwright-encoding": "deflate-raw",
  "x-millwright-count": "3",
};
export const ingestPath = "/api/v1/ingest";
export const markPath = (agent: string): string => `${ingestPath}?agent=${agent}&epoch=${epoch}`;
