import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeUdpPort } from "./port.ts";
import { type Peer, startPeer } from "./process.ts";

export interface Snmpd {
  readonly port: number;
  readonly peer: Peer;
  stop(): Promise<void>;
}

/** Users of the server: name is what it may do; passphrases are the same for all. */
export const snmpdKeys = { auth: "authpass123", privacy: "privpass123" } as const;

const users = `
createUser sha256aes SHA-256 ${snmpdKeys.auth} AES ${snmpdKeys.privacy}
createUser sha1des SHA ${snmpdKeys.auth} DES ${snmpdKeys.privacy}
createUser md5des MD5 ${snmpdKeys.auth} DES ${snmpdKeys.privacy}
createUser sha512 SHA-512 ${snmpdKeys.auth}
createUser sha224aes SHA-224 ${snmpdKeys.auth} AES ${snmpdKeys.privacy}
createUser sha384aes192 SHA-384 ${snmpdKeys.auth} AES-192 ${snmpdKeys.privacy}
createUser sha1aes192b SHA ${snmpdKeys.auth} AES-192 ${snmpdKeys.privacy}
createUser sha1aes256b SHA ${snmpdKeys.auth} AES-256 ${snmpdKeys.privacy}
createUser sha1aes192r SHA ${snmpdKeys.auth} AES-192-C ${snmpdKeys.privacy}
createUser md5aes256r MD5 ${snmpdKeys.auth} AES-256-C ${snmpdKeys.privacy}
createUser none
rouser sha256aes priv
rouser sha1des priv
rouser md5des priv
rouser sha224aes priv
rouser sha384aes192 priv
rouser sha1aes192b priv
rouser sha1aes256b priv
rouser sha1aes192r priv
rouser md5aes256r priv
rouser sha512 auth
rouser none noauth
`;

/** Starts Debian's snmpd on a free loopback port, with a folder of its own; community `public`. `boots` survive in `folder`. */
export async function startSnmpd(options: { readonly port?: number; readonly folder?: string } = {}): Promise<Snmpd> {
  const port = options.port ?? (await freeUdpPort());
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "millwright-snmpd-")));
  const config = join(folder, "test.conf");
  await writeFile(config, `agentAddress udp:127.0.0.1:${port}\nrocommunity public 127.0.0.1\nsysServices 72\n${users}`);
  const peer = await startPeer({
    command: "/usr/sbin/snmpd",
    args: ["-f", "-Lo", "-C", "-c", config, "-I", "-smux"],
    env: { SNMP_PERSISTENT_DIR: folder, MIBS: "" },
    ready: (output) => output.includes("NET-SNMP version"),
  });
  return {
    port,
    peer,
    async stop() {
      await peer.stop();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
