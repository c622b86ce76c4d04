#!/usr/bin/env bash
# What `npm test` does: the servers it needs, types, lint and format, the build, every test. The last line counts.
set -euo pipefail
cd "$(dirname "$0")/.."

bash test/peers/install.sh
npm run --silent check
npm run --silent build

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
node node_modules/vitest/vitest.mjs run --reporter=default --reporter=json --outputFile.json="$report" "$@" || status=$?
node test/count.js "$report" "$status"
