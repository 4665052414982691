#!/usr/bin/env bash
# Prints the command-line reference, docs/cli.md: cli-reference.sh RELIEF
set -euo pipefail
relief=$1

# The help of a command, then that of its subcommands.
describe() {
  local text
  text=$("$relief" help "$@")
  printf '\n## relief%s\n\n```text\n%s\n```\n' "${*:+ $*}" "$text"
  local name
  for name in $(awk '/^SUBCOMMANDS:/ { on = 1; next } on && /^  [a-z]/ { print $1 }' <<<"$text"); do
    describe "$@" "$name"
  done
}

echo "# Command-line reference"
echo
echo "Generated from \`relief help\` by \`Tests/cli-reference.sh\`; do not edit."
describe
printf '\n## Exit codes\n\n```text\n%s\n```\n' "$("$relief" help exit-codes | sed '/^USAGE/,$d')"
