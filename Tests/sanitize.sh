#!/usr/bin/env bash
# Runs suites under a sanitizer: Tests/sanitize.sh address|thread [FILTER], where FILTER is a regular expression of
# suites, without it those of Tensors, Rasters and Scenes. Fails at the first report.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
sanitizer=${1:?address or thread}
filter=${2:-'^(TensorsTests|RastersTests|ScenesTests)\.'}
export SWIFT_BACKTRACE=enable=no  # it would hide the sanitizer's own report
# Swift keeps what it has made of its types for good, which would count as leaks.
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1
export TSAN_OPTIONS=halt_on_error=1:abort_on_error=1
swift test --sanitize "$sanitizer" --scratch-path ".build-$sanitizer" --disable-xctest --filter "$filter"
