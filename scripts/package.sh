#!/bin/bash
# Builds the Debian package. Its path is the one line on standard output.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

if [[ $# -gt 0 ]]; then
  echo "usage: scripts/package.sh   (installs what the build needs, and leaves the package under build/package/package)"
  [[ $1 == -h || $1 == --help ]] && exit 0
  exit 2
fi

need_packages build package
say "building the package (the first time takes some minutes)"
configure package
rm -rf build/package/package
cmake --build --preset package --parallel "$(jobs_for 1000)" >&2 || fail "the build failed"
ls build/package/package/*.deb
