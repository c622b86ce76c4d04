import { expect, it } from "vitest";
import { Names } from "../../../../../adapters/sources/snmp/names.ts";
import { Senders } from "../../../../../adapters/sources/snmp/traps/senders.ts";
import { snmpConfig } from "../../../../../config/assets.ts";
import { literalSecretsVariable } from "../../../../../config/secret.ts";
import { FakeClock } from "../../../../fake-clock.ts";

process.env[literalSecretsVariable] = "allow";

it("hears the assets of the newest config, also where a name of the one before was resolved later", async () => {
  const clock = new FakeClock();
  let resolved = (_: { address: string; family: number }): void => {};
  const names = new Names(
    clock,
    () =>
      new Promise((resolve) => {
        resolved = resolve;
      }),
  );
  const senders = new Senders({ names, clock, port: { listen: "127.0.0.1:162", communities: [], users: [] } });
  const asset = (id: string, host: string) => ({ asset: id, spec: snmpConfig.parse({ host, community: "literal:public" }) });
  const before = senders.place([asset("old", "old.example")]);
  await senders.place([asset("new", "192.0.2.2")]);
  resolved({ address: "192.0.2.1", family: 4 });
  await before;
  expect([senders.knows("192.0.2.2"), senders.knows("192.0.2.1")]).toEqual([true, false]);
});
