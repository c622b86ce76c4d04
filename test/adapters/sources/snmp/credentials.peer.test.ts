import { afterEach, describe, expect, it } from "vitest";
import { snmpConfig } from "../../../../config/assets.ts";
import { SourceError } from "../../../../core/errors.ts";
import { int, response, tlv, variable } from "./ber.ts";
import { type Request, type Responder, startResponder } from "./responder.ts";
import { poll, type Subject, secure, subject } from "./setup.ts";

const quick = { timeout: "100ms", retries: 2, profile: "system" };
const others = [{ community: "literal:second" }, { community: "literal:third" }];

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
});

/** A device that is silent to every community but one, which may be changed; none at all where it is undefined. */
async function device(first: string | undefined): Promise<Responder & { answerTo(community: string): void }> {
  let taken = first;
  const responder = await startResponder((request) => (request.community === taken ? answer(request) : undefined));
  running.push(responder);
  return {
    ...responder,
    answerTo(community) {
      taken = community;
    },
  };
}

function answer({ id, version, oids, community }: Request): Buffer {
  const variables = oids.map((oid) => variable(oid, oid === "1.3.6.1.2.1.1.3.0" ? int(4711, 0x43) : tlv(0x80)));
  return response({ id, version, community, variables });
}

function poller(config: Parameters<typeof subject>[0]): Subject {
  const made = subject(config);
  running.push(made);
  return made;
}

const asked = ({ requests }: Responder): string[] => requests.map(({ community }) => community);

describe("credentials", () => {
  it("are tried in order, once each, and what the device answers to is remembered", async () => {
    const responder = await device("third");
    const source = poller({ port: responder.port, ...quick, credentials: others });
    expect(await poll(source)).toBeUndefined();
    expect(asked(responder).slice(0, 3)).toEqual(["public", "second", "third"]);
    const before = responder.requests.length;
    expect(await poll(source)).toBeUndefined();
    expect(new Set(asked(responder).slice(before))).toEqual(new Set(["third"]));
  });

  it("are tried again when they stop to work, those that worked last first", async () => {
    const responder = await device("third");
    const source = poller({ port: responder.port, ...quick, credentials: others });
    await poll(source);
    responder.answerTo("second");
    expect(await poll(source)).toBeInstanceOf(SourceError);
    const before = responder.requests.length;
    expect(await poll(source)).toBeUndefined();
    expect(asked(responder).slice(before, before + 3)).toEqual(["third", "public", "second"]);
  });

  it("that none takes: a time-out that says so", async () => {
    const responder = await device(undefined);
    const error = await poll(poller({ port: responder.port, ...quick, credentials: others }));
    expect(error).toMatchObject({ fault: "timeout" });
    expect(asked(responder)).toEqual(["public", "second", "third"]);
  });

  it("of version 3 come before a community where they are named first", async () => {
    const responder = await device("second");
    const source = poller({ port: responder.port, ...quick, ...secure, credentials: others });
    expect(await poll(source)).toBeUndefined();
    expect(responder.requests.slice(0, 2).map(({ version, community }) => [version, community])).toEqual([
      [3, ""],
      [1, "second"],
    ]);
  });

  it("are checked one by one", () => {
    const spec = { host: "a", community: "literal:a", credentials: [{ version: 3, privacy: { aes: "literal:b" } }] };
    const faults = snmpConfig.safeParse(spec).error?.issues.map(({ path }) => path.join("."));
    expect(faults).toEqual(["credentials.0.user", "credentials.0.auth"]);
  });
});

describe("a device that was silent", () => {
  it("is asked once and briefly whether it is there, before anything else", async () => {
    const responder = await device(undefined);
    const source = poller({ port: responder.port, ...quick });
    await poll(source);
    const before = responder.requests.length;
    expect(await poll(source)).toMatchObject({ fault: "timeout" });
    expect(responder.requests.slice(before).map(({ oids }) => oids)).toEqual([["1.3.6.1.2.1.1.3.0"]]);
    responder.answerTo("public");
    expect(await poll(source)).toBeUndefined();
  });
});
