#!/bin/sh
# Type check of the RESTlet against NetSuite's own modules.
# Usage: run.sh [FOLDER]   FOLDER holds the modules to check; the project's own by default.
# Exit code: 0 checked, or skipped because npm is missing; 75 the packages cannot be installed; else the checker's own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "${1:-$here/../../../lago_ns_cli/netsuite/suitescript/src/FileCabinet/SuiteScripts/lago}" && pwd)

if ! command -v npm >/dev/null 2>&1; then
  echo "SuiteScript type check skipped: npm is not installed."
  exit 0
fi

cd "$here"
# The copy inside node_modules tells what was installed last.
if ! cmp -s package-lock.json node_modules/.lock; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || {
    echo "SuiteScript type check not done: npm could not install its packages." >&2
    exit 75
  }
  cp package-lock.json node_modules/.lock
fi

settings=$(mktemp "$here/tsconfig.XXXXXX.json")
trap 'rm -f "$settings"' EXIT
printf '{"extends": "./tsconfig.json", "files": ["define.d.ts"], "include": ["%s/*.js"]}\n' "$folder" >"$settings"
node_modules/.bin/tsc --project "$settings"
echo "SuiteScript type check passed: $folder"
