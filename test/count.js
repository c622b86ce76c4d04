// Prints `N passed, N failed` from vitest's JSON report, and fails when a test failed, none ran, or vitest itself did.
import { readFileSync } from "node:fs";

const [path = "", status = "0"] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, "utf8"));
const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
// A file that does not load fails without a test of its own.
const broken = report.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.every((test) => test.status === "passed"),
);
console.log(`${passed} passed, ${failed + broken.length} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(status !== "0" || failed + broken.length > 0 || passed === 0 ? 1 : 0);
