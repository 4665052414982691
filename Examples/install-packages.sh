# Installs missing system libraries that relief depends on (Debian, Ubuntu). Source this file.
missing=()
for package in libgdal-dev libproj-dev libopenblas-dev libkissfft-dev libssl-dev pkg-config; do
  dpkg-query --show --showformat='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' \
    || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "installing ${missing[*]}"
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update --quiet=2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends --quiet=2 "${missing[@]}" >/dev/null
fi
command -v swift >/dev/null || {
  echo "relief needs Swift 6.2 or later on the PATH: https://www.swift.org/install/linux/" >&2
  exit 69
}
