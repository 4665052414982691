#!/usr/bin/env bash
# Installs what the tests need, builds, and runs all of them. Arguments go to `swift test`.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
swift test --disable-xctest "$@"
