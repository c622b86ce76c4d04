import { describe, expect, it } from "vitest";
import { Courier, deadlineMs } from "../../../collector/notify/courier.ts";
import { Outbox } from "../../../collector/notify/outbox.ts";
import { silentLog } from "../../../core/log.ts";
import { type Notification, type Notifier, NotifyError } from "../../../core/notifier.ts";
import { notification } from "../../adapters/notifiers/samples.ts";
import { FakeClock } from "../../fake-clock.ts";
import { noGraveyard } from "./no-graveyard.ts";

const letter = (id: string): Notification => notification(undefined, { id });

/** A channel that answers as a test wants: it takes, throws, or never ends. */
class Scripted implements Notifier {
  readonly tried: string[] = [];
  closed = 0;
  answer: (id: string) => Promise<void> = () => Promise.resolve();

  send({ id }: Notification): Promise<void> {
    this.tried.push(id);
    return this.answer(id);
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

function courierOf(outbox: Outbox, channel = "duty") {
  const clock = new FakeClock();
  const notifier = new Scripted();
  const parts = { outbox, clock, log: silentLog, random: () => 0.5, graveyard: noGraveyard };
  const courier = new Courier({ channel, open: () => Promise.resolve(notifier), ...parts });
  return { courier, notifier, clock };
}

/** An outbox with these letters, all of which may go. */
function filled(...ids: readonly string[]) {
  const outbox = new Outbox(new Map());
  for (const id of ids) outbox.put("duty", letter(id));
  const one = courierOf(outbox);
  one.courier.release(outbox.last);
  return { outbox, ...one };
}

describe("a courier", () => {
  it("brings letters in order, once they are stored", async () => {
    const outbox = new Outbox(new Map());
    const { courier, notifier, clock } = courierOf(outbox);
    outbox.put("duty", letter("a"));
    outbox.put("mail", letter("x"));
    const stored = outbox.last;
    outbox.put("duty", letter("b"));
    await clock.advance(1000);
    expect(notifier.tried).toEqual([]);
    courier.release(stored);
    await clock.advance(1000);
    expect(notifier.tried).toEqual(["a"]);
    courier.release(outbox.last);
    await clock.advance(1000);
    expect(notifier.tried).toEqual(["a", "b"]);
    expect(courier.counts()).toEqual({ channel: "duty", sent: 2, failed: 0, rejected: 0, dropped: 0, waiting: 0 });
    await courier.stop();
  });

  it("tries again with growing waits, the same letter first, for ever", async () => {
    const { courier, notifier, clock } = filled("a", "b");
    notifier.answer = () => Promise.reject(new NotifyError("retry", "down"));
    await clock.advance(24 * 3_600_000);
    expect(new Set(notifier.tried)).toEqual(new Set(["a"]));
    expect(notifier.tried.length).toBeGreaterThan(250);
    expect(courier.counts().waiting).toBe(2);
    notifier.answer = () => Promise.resolve();
    await clock.advance(300_000);
    expect(courier.counts()).toMatchObject({ sent: 2, waiting: 0 });
    await courier.stop();
  });

  it("waits as long as it is asked to", async () => {
    const { courier, notifier, clock } = filled("a");
    notifier.answer = () => Promise.reject(new NotifyError("retry", "busy", { retryAfterMs: 60_000 }));
    await clock.advance(59_000);
    expect(notifier.tried).toHaveLength(1);
    await clock.advance(2000);
    expect(notifier.tried).toHaveLength(2);
    await courier.stop();
  });

  it("passes over what is refused for good", async () => {
    const { courier, notifier, clock } = filled("a", "b");
    notifier.answer = (id) => (id === "a" ? Promise.reject(new NotifyError("rejected", "no")) : Promise.resolve());
    await clock.advance(1000);
    expect(notifier.tried).toEqual(["a", "b"]);
    expect(courier.counts()).toMatchObject({ sent: 1, failed: 1, rejected: 1, waiting: 0 });
    await courier.stop();
  });

  it("gives up a notifier that hangs, opens it anew, and can be stopped meanwhile", async () => {
    const { courier, notifier, clock } = filled("a");
    notifier.answer = () => new Promise(() => {});
    await clock.advance(deadlineMs + 5000);
    expect([notifier.tried.length, notifier.closed]).toEqual([2, 1]);
    await courier.stop();
    expect(courier.counts().waiting).toBe(1);
  });
});

describe("an outbox", () => {
  it("comes back from its facts in order, without what was crossed out, and uses places again", async () => {
    const facts = new Map<string, string>();
    const keep = (outbox: Outbox): void => {
      for (const [key, text] of outbox.dirtyFacts()) facts.set(key, text);
    };
    const before = new Outbox(facts);
    for (const id of ["a", "b", "c"]) before.put("duty", letter(id));
    const first = before.first("duty");
    if (first !== undefined) before.cross(first);
    before.put("duty", letter("d"));
    keep(before);
    expect([...facts.keys()]).toHaveLength(3);
    const after = new Outbox(facts);
    const { courier, notifier, clock } = courierOf(after);
    courier.release(after.last);
    await clock.advance(1000);
    expect(notifier.tried).toEqual(["b", "c", "d"]);
    await courier.stop();
    keep(after);
    expect(new Outbox(facts).waiting("duty")).toBe(0);
  });

  it("facts that cannot be read are no letters", () => {
    const facts = new Map([
      ["outbox/0", "null"],
      ["outbox/1", "{"],
      ["outbox/2", '{"channel":"duty"}'],
      ["outbox/3", '{"channel":"duty","order":1,"notification":{"id":"x"}}'],
    ]);
    expect(new Outbox(facts).waiting("duty")).toBe(0);
  });

  it("what waits for a channel that there is no longer is crossed out", () => {
    const outbox = new Outbox(new Map());
    outbox.put("duty", letter("a"));
    outbox.put("gone", letter("b"));
    expect(outbox.keep(new Set(["duty"]))).toBe(1);
    expect([outbox.waiting("duty"), outbox.waiting("gone")]).toEqual([1, 0]);
  });
});
