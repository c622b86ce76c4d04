import { describe, expect, test } from "vitest";
import { judge, retryAfterMs } from "../../agent/verdict.ts";

const problem = { "content-type": "application/problem+json" };

describe("what an answer means", () => {
  test.each([
    [200, {}, { ack: 7, time: 5 }, { kind: "ack", ack: 7, duplicate: false }],
    [200, {}, { ack: 9, duplicate: true }, { kind: "ack", ack: 9, duplicate: true }],
    [200, {}, "<html>", { kind: "later" }],
    [200, {}, { ack: -1 }, { kind: "later" }],
    [200, {}, { ack: 1.5 }, { kind: "later" }],
    [204, {}, undefined, { kind: "later" }],
    [301, {}, undefined, { kind: "later" }],
    [400, problem, { title: "bad" }, { kind: "poison", reason: 'answered 400: "bad"' }],
    [400, { "content-type": "text/html" }, undefined, { kind: "later" }],
    [401, {}, undefined, { kind: "denied" }],
    [403, problem, { detail: "not yours" }, { kind: "denied", reason: 'answered 403: "not yours"' }],
    [404, problem, {}, { kind: "later" }],
    [409, problem, { expect: 4 }, { kind: "expect", seq: 4 }],
    [409, problem, { describe: [1, 2] }, { kind: "describe", numbers: [1, 2] }],
    [409, problem, {}, { kind: "poison" }],
    [413, problem, {}, { kind: "poison" }],
    [429, { ...problem, "retry-after": "3" }, {}, { kind: "later", waitMs: 3000 }],
    [503, { "retry-after": "soon" }, undefined, { kind: "later", waitMs: undefined }],
    [500, problem, {}, { kind: "later" }],
  ] as const)("%s %j %j", (status, headers, body, expected) => {
    expect(judge({ status, headers, body }, 0)).toMatchObject(expected);
  });

  test.each([
    [undefined, undefined],
    ["120", 120_000],
    ["999999", 600_000],
    ["Thu, 01 Jan 1970 00:01:00 GMT", 60_000],
    ["Thu, 01 Jan 1960 00:01:00 GMT", 0],
    ["later", undefined],
  ])("Retry-After %s", (header, expected) => {
    expect(retryAfterMs(header, 0)).toBe(expected);
  });
});
