import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { Exit, outcomeOf } from "../../cli/exit.ts";
import { run } from "../../cli/program.ts";
import { ConfigFaults } from "../../config/fault.ts";
import { capturedIo } from "./captured-io.ts";

test.each([
  [new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"), 0, ""],
  [new CommanderError(1, "commander.unknownOption", "x"), 2, ""],
  [new Exit(1), 1, ""],
  [new Exit(2, "no"), 2, "no"],
  [new ConfigFaults([{ file: "a.yaml", path: "x", message: "is odd" }]), 78, "a.yaml: x: is odd"],
  [new Error("spool: /q", { cause: new Error("ENOSPC") }), 1, "millwright: spool: /q: ENOSPC"],
  ["text", 1, "millwright: text"],
])("%s", (error, code, message) => expect(outcomeOf(error)).toEqual({ code, message }));

test("what a command throws becomes the exit code, and only the command that is called is loaded", async () => {
  const io = capturedIo();
  const commands = {
    fail: async () => (program: import("commander").Command) =>
      void program.command("fail").action(() => Promise.reject(new Exit(1, "2 problems"))),
    other: () => Promise.reject(new Error("must not be loaded")),
  };
  expect(await run(["fail"], io, commands)).toBe(1);
  expect([io.out(), io.err()]).toEqual(["", "2 problems\n"]);
});
