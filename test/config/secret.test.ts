import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { literalSecretsVariable, Secret, secretFault } from "../../config/secret.ts";

afterEach(() => vi.unstubAllEnvs());

test("a secret never prints", () => {
  const secret = new Secret("literal:hunter2", "/");
  const texts = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
    JSON.stringify(Object.entries(secret)),
  ];
  for (const text of texts) expect(text).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});

test("an environment variable, when it is there", () => {
  vi.stubEnv("MW_TEST_SECRET", "x y");
  expect(new Secret("env:MW_TEST_SECRET", "/").reveal()).toBe("x y");
  vi.stubEnv("MW_TEST_SECRET", "");
  expect(() => new Secret("env:MW_TEST_SECRET", "/").reveal()).toThrow("secret env:MW_TEST_SECRET: the environment has no such variable");
});

test("literals are for tests only", () => {
  expect(secretFault("literal:x")).toContain("never the secret itself");
  vi.stubEnv(literalSecretsVariable, "allow");
  expect(secretFault("literal:x")).toBeUndefined();
});
