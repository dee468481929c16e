"""Runs programs as a container would: without root, on a read-only root with nothing but the files of some packages.

Linux namespaces, no container engine. Needs root.
"""

import os
import pathlib
import shutil
import subprocess

# In namespaces of its own; `chroot` gives up root as it enters.
_ENTER = """
set -e
root=$1 user=$2 writable=$3 host=$4
shift 4
[ -z "$host" ] || hostname "$host"
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
for folder in $writable; do mount -t tmpfs -o "uid=$user,gid=$user,mode=0700" tmpfs "$root$folder"; done
exec setpriv --no-new-privs chroot --userspec "$user:$user" --groups= "$root" "$@"
"""


def can_jail():
    possible = os.geteuid() == 0 and subprocess.run(
        ["unshare", "--mount", "--uts", "true"], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    assert possible or not os.environ.get("CI"), "this needs root and namespaces, and nothing is left out here"
    return possible


def package_of(library):
    """The installed package that a file is of. Debian moved /lib into /usr, and packages know either name."""
    for name in (str(library), str(library).removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.partition(":")[0]
    raise AssertionError(f"{library} is of no package")


def libraries_of(program):
    """The files that the loader maps for a program."""
    output = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return sorted({pathlib.Path(word).resolve() for word in output.split() if word.startswith("/")})


class Jail:
    def __init__(self, directory, packages, program, at):
        """`program` is put at the path `at`, with the libraries of these packages and the certificates."""
        self.root = pathlib.Path(directory) / "root"
        for folder in ("proc", "dev", "etc/ssl/certs", "usr/lib"):
            (self.root / folder).mkdir(parents=True)
        for name in ("lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        for package in packages:
            self._copy_libraries(package)
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", self.root / "etc/ssl/certs")
        self.add(program, at)

    def add(self, source, at):
        target = self.root / at.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        return target

    def folder(self, at):
        path = self.root / at.lstrip("/")
        path.mkdir(parents=True, exist_ok=True)
        return path

    def command(self, command, user, writable=(), host=""):
        """The words that run a command in here, on a host of that name."""
        words = ["jail", self.root, str(user), " ".join(writable), host]
        return ["unshare", "--mount", "--uts", "sh", "-c", _ENTER, *words, *command]

    def _copy_libraries(self, package):
        listing = subprocess.run(["dpkg-query", "-L", package], capture_output=True, text=True, check=True).stdout
        for line in listing.splitlines():
            if ".so" not in line or not os.path.isfile(line):
                continue
            # Debian moved /lib into /usr.
            name = line if line.startswith("/usr") else f"/usr{line}"
            target = self.root / name.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(line, target, follow_symlinks=True)
