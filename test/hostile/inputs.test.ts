import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, markOf, reasonOf, retryAfterMs } from "../../agent/verdict.ts";
import { isPassword } from "../../collector/door/password.ts";
import { BodyError, unpack } from "../../collector/unpack.ts";
import { parseDayRange, parseOpenHours, periodSpan } from "../../config/calendar.ts";
import { needLine, parseNeed } from "../../config/need-line.ts";
import { parseSelector, selectorText } from "../../config/selector.ts";
import { fillTemplate, templateFault } from "../../config/template.ts";
import { parseDuration, parseSize } from "../../config/values.ts";
import { BatchError, decodeBatch, encodeBatch } from "../../core/batch.ts";
import { ColumnBuilder } from "../../core/columns.ts";
import { parseHeader, recordHeaderBytes } from "../../core/record.ts";
import { isProof, isSignedBy, newPrivateKey, publicKeyOf, readPrivateKey, readPublicKey, signRequest } from "../../core/signature.ts";
import { hostileStrings } from "./strings.ts";

/** Ends that make a careless regular expression walk its input again and again. */
const pathological = ["a", " ", "1", "=", ",", "{", "(", "a ", "1.", "0-", ":", "..", "asset a ", "{a=b,"].map((part) =>
  part.repeat(30_000),
);
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(..."0123456789 .,:;{}()[]=<>%-+abkMGhms*/\\\"'#") }),
  fc.constantFrom(...Object.values(hostileStrings), ...pathological),
);

/** A batch of two readings as an agent forms it. */
function goodBatch(): Buffer {
  const readings = new ColumnBuilder();
  readings.put(1, 1e12, 21.5, 0);
  readings.put(2, 1e12 + 1, 22.5, 0);
  return encodeBatch({ preamble: { inventory: [{ asset: "a", facts: { serial: "x" } }] }, readings: readings.view() });
}

/** Bytes of `good` with some of them changed, cut or repeated. */
const mutated = (good: Buffer): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(good.length), fc.nat(3))
    .map(([changes, length, repeat]) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      return Buffer.concat([bytes.subarray(0, length), ...Array.from({ length: repeat }, () => bytes)]);
    });
const anyBytes = (good: Buffer) =>
  fc.oneof(
    mutated(good),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );

describe("bytes of an agent: a batch, or an error that says what is wrong with them", () => {
  const good = goodBatch();

  test("the batch itself", () => {
    fc.assert(
      fc.property(anyBytes(good), (bytes) => {
        try {
          expect(decodeBatch(bytes).readings.length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(BatchError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("deflated, as a request brings it", async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes(deflateRawSync(good)), fc.nat(4), async (bytes, count) => {
        try {
          expect((await unpack(bytes, count)).readings.length).toBe(count);
        } catch (error) {
          expect(error).toBeInstanceOf(BodyError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a record's head, wherever one looks", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: recordHeaderBytes, maxLength: 80 }), fc.nat(40), (bytes, at) => {
        const header = parseHeader(Buffer.from(bytes), at);
        expect(header === undefined || header.seq >= 0).toBe(true);
      }),
    );
  });
});

describe("text of config: understood, or refused in words; what is understood reads back the same", () => {
  const needText = fc
    .array(
      fc.constantFrom(
        "2",
        "50%",
        " of ",
        "{a=b}",
        "{a=b,c=d}",
        "service ",
        "asset ",
        "a",
        "m ",
        ">=",
        " 6e5",
        " for 30s",
        " clear ",
        "-1",
        " is up",
      ),
    )
    .map((parts) => parts.join(""));

  test("a need", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, needText), (text) => {
        const need = parseNeed(text);
        const line = typeof need === "string" ? undefined : needLine(need);
        if (line !== undefined) expect(parseNeed(line)).toEqual(need);
        else expect(need).not.toBe("");
      }),
      { numRuns: 500 },
    );
  });

  test("a selector", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const selector = parseSelector(text);
        if (selector !== undefined) expect(parseSelector(selectorText(selector))).toEqual(selector);
      }),
      { numRuns: 500 },
    );
  });

  test("durations, sizes, opening hours, day ranges, periods, templates", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const parse of [parseDuration, parseSize]) {
          const value = parse(text);
          expect(value === undefined || (Number.isFinite(value) && value >= 0)).toBe(true);
        }
        parseOpenHours(text);
        parseDayRange(text);
        const span = periodSpan(text, "Europe/Prague");
        if (span !== undefined) expect(span.from).toBeLessThan(span.to);
        templateFault(text, "application/json");
        fillTemplate(text, "text/plain", { title: "", text: "", level: "ok", kind: "", id: "", services: "", causes: "", url: "" });
      }),
      { numRuns: 500 },
    );
  });
});

describe("what a collector answers an agent: a verdict, never a crash", () => {
  const answer = fc.record({
    status: fc.integer({ min: 0, max: 700 }),
    headers: fc.dictionary(fc.constantFrom("retry-after", "x-other"), anyText, { noNullPrototype: true }),
    body: fc.anything({ maxDepth: 3 }),
  });

  test("any status, head and body", () => {
    fc.assert(
      fc.property(answer, (one) => {
        expect(typeof judge(one, 1e12).kind).toBe("string");
        expect(typeof reasonOf(one)).toBe("string");
        const mark = markOf(one)?.mark;
        expect(mark === undefined || mark === null || Number.isSafeInteger(mark)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("Retry-After is a time to wait, or nothing", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const wait = retryAfterMs(text, 1e12);
        expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
      }),
    );
  });
});

describe("signatures, keys and password hashes of strangers: refused", () => {
  const key = readPrivateKey(newPrivateKey());
  const request = {
    method: "POST" as const,
    path: "/api/v1/ingest",
    agent: "a",
    epoch: "e",
    seq: "1",
    sentAt: "1",
    body: Buffer.from("x"),
  };

  test("a signature", () => {
    const publicKey = readPublicKey(publicKeyOf(key));
    expect(isSignedBy(request, signRequest(request, key), publicKey)).toBe(true);
    fc.assert(fc.property(anyText, (text) => !isSignedBy(request, text, publicKey)));
  });

  test("a proof of a key", () => {
    fc.assert(fc.property(anyText, anyText, (proof, spki) => !isProof({ agent: "a", key: spki, proof })));
  });

  test("a kept hash that is none", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const good = await isPassword("x", text).catch((error: unknown) => error);
        expect(good === false || good instanceof Error).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
