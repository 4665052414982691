#!/usr/bin/env bash
# Runs test suites under a sanitizer: Tests/sanitize.sh address|thread [FILTER]. FILTER is a regular expression of suites;
# the default is those of Tensors, Rasters and Scenes. Fails at the first report.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
sanitizer=${1:?address or thread}
filter=${2:-'^(TensorsTests|RastersTests|ScenesTests)\.'}
export SWIFT_BACKTRACE=enable=no  # it would hide the sanitizer's own report
# Swift never frees its type metadata, which would be reported as leaks.
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1
export TSAN_OPTIONS=halt_on_error=1:abort_on_error=1:suppressions=$PWD/Tests/tsan-suppressions.txt
swift test --configuration release --disable-testable-imports --sanitize "$sanitizer" --scratch-path ".build-$sanitizer" --disable-xctest --filter "$filter"
