#!/usr/bin/env bash
# Installs relief, its model, completions and man pages: install.sh PREFIX, such as install.sh ~/.local
set -euo pipefail
prefix=$(realpath -m "${1:?usage: install.sh PREFIX}")
cd "$(dirname "$0")/.."
source Examples/install-packages.sh
swift build --configuration release --manifest-cache none --product relief
program=.build/release/relief

install -D "$program" "$prefix/bin/relief"
mkdir -p "$prefix/share/relief"
cp -r SampleData/bundle/. SampleData/lpips/. "$prefix/share/relief/"
install -D -m 644 LICENSE "$prefix/share/doc/relief/LICENSE"

completions=(
  "bash $prefix/share/bash-completion/completions/relief"
  "zsh $prefix/share/zsh/site-functions/_relief"
  "fish $prefix/share/fish/vendor_completions.d/relief.fish"
)
for entry in "${completions[@]}"; do
  read -r shell path <<<"$entry"
  mkdir -p "$(dirname "$path")"
  "$program" --generate-completion-script "$shell" >"$path"
done

# One page for each command, written by swift-argument-parser's plugin.
swift package --allow-writing-to-package-directory generate-manual --multi-page --configuration release
for page in .build/plugins/GenerateManual/outputs/ReliefCommand/*.1; do
  install -D -m 644 "$page" "$prefix/share/man/man1/$(basename "$page")"
done
echo "installed in $prefix; check it with: $prefix/bin/relief doctor"
