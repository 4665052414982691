#!/usr/bin/env bash
# Installs the packages that the tests need, then builds and runs all tests. Arguments are passed to `swift test`.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
swift test --disable-xctest "$@"
