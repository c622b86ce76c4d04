import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWebhookNotifier } from "../../../adapters/notifiers/webhook/notifier.ts";
import { notify } from "../../../config/notify.ts";
import { NotifyError } from "../../../core/notifier.ts";
import { FakeClock } from "../../fake-clock.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { notification } from "./samples.ts";

let receiver: Receiver;
beforeEach(async () => {
  process.env["HOOK_SECRET"] = "key of the hook";
  process.env["HOOK_URL"] = "";
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

function notifierOf(more: object) {
  const { channels } = notify.parse({ channels: { w: { webhook: { url: receiver.url, ...more } } } });
  const channel = channels["w"];
  if (channel === undefined || !("webhook" in channel)) throw new Error("no webhook");
  return createWebhookNotifier(channel.webhook, new FakeClock());
}
const signal = new AbortController().signal;

describe("a webhook", () => {
  it("is signed over id, time and body, and has the same id in every attempt", async () => {
    const notifier = notifierOf({ secret: "env:HOOK_SECRET", token: "env:HOOK_SECRET" });
    await notifier.send(notification(), signal);
    await notifier.send(notification(), signal);
    for (const { headers, body } of receiver.received) {
      const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
      expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", "key of the hook").update(signed).digest("base64")}`);
      expect(headers["webhook-timestamp"]).toBe(String(Date.UTC(2026, 0, 1) / 1000));
      expect([headers["idempotency-key"], headers["webhook-id"]]).toEqual(["5a5f0f3e-1", "5a5f0f3e-1"]);
      expect(headers.authorization).toBe("Bearer key of the hook");
      expect(JSON.parse(body)).toMatchObject({
        version: 1,
        id: "5a5f0f3e-1",
        news: [{ kind: "opened", incident: { causes: ["filler-31"] } }],
      });
    }
    expect(receiver.received).toHaveLength(2);
  });

  it.each([
    { format: "slack", expected: '*Line "3" &lt;b&gt;is&lt;/b&gt; critical*\nfirst line\nsecond [link](http://evil) &amp; more' },
    { format: "teams", expected: "second \\[link\\]\\(http://evil\\) & more" },
  ])("$format: names of devices are no markup", async ({ format, expected }) => {
    await notifierOf({ format }).send(notification(), signal);
    const body: unknown = JSON.parse(receiver.received[0]?.body ?? "");
    expect(JSON.stringify(body)).toContain(JSON.stringify(expected).slice(1, -1));
  });

  it.each([
    {
      body: '{"msg": "{title}", "l": "{level}"}',
      type: "application/json",
      expected: '{"msg": "Line \\"3\\" <b>is</b> critical", "l": "critical"}',
    },
    {
      body: "m={title}&c={causes}",
      type: "application/x-www-form-urlencoded",
      expected: "m=Line%20%223%22%20%3Cb%3Eis%3C%2Fb%3E%20critical&c=filler-31",
    },
    { body: "{kind}: {services}", type: "text/plain", expected: "opened: Line 3" },
  ])("a body of one's own is escaped for $type", async ({ body, type, expected }) => {
    await notifierOf({ body, content_type: type }).send(notification(), signal);
    expect(receiver.received[0]).toMatchObject({ body: expected, headers: { "content-type": `${type}; charset=utf-8` } });
  });

  it.each([
    { answer: 400, verdict: "rejected" },
    { answer: 404, verdict: "retry" },
    { answer: 302, verdict: "retry" },
    { answer: 429, verdict: "retry" },
    { answer: 503, verdict: "retry" },
  ])("an answer of $answer means $verdict", async ({ answer, verdict }) => {
    receiver.answer = answer;
    receiver.headers = { "retry-after": "7", location: "http://127.0.0.1:1/" };
    const error = await notifierOf({})
      .send(notification(), signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotifyError);
    expect(error).toMatchObject({ verdict, retryAfterMs: 7000, message: `${receiver.url}: answers ${answer} "answered"` });
  });

  it("a URL that is a secret is in no message", async () => {
    process.env["HOOK_URL"] = `${receiver.url}/s3cr3t`;
    receiver.answer = 500;
    const error = await notifierOf({ url: undefined, url_from: "env:HOOK_URL" })
      .send(notification(), signal)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("answers 500");
    expect(String(error)).not.toContain("s3cr3t");
  });
});
