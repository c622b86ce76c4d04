import { expect, test } from "vitest";
import { assetsOf } from "../../config/agents.ts";
import { parseConfig } from "../../config/load.ts";
import { caseProfiles } from "./shipped.ts";

const parse = (text: string) => parseConfig({ directory: "/", files: [{ file: "x.yaml", text }] }, caseProfiles).config;

test.each([
  ["one agent reads all", "agent: { name: a }\nassets: { x: {}, y: { agent: a } }", "a", ["x", "y"]],
  ["no agent section: whoever starts reads all", "assets: { x: {}, y: {} }", "anything", ["x", "y"]],
  ["several: each its own", "agent: { name: a }\nassets: { x: { agent: b }, y: { agent: a }, z: {} }", "b", ["x"]],
  ["several: an unknown one has none", "agent: { name: a }\nassets: { x: { agent: b } }", "c", []],
])("%s", (_, text, agent, expected) => expect(assetsOf(parse(text), agent)).toEqual(expected));
