"""The images of deploy/docker as the tests run them."""

import pathlib

from dockerfile import Dockerfile
from jail import Jail

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = {"exporter": ROOT / "deploy/docker/Dockerfile", "simulator": ROOT / "deploy/docker/simulator.Dockerfile"}

# What each Debian base image has: dpkg and apt need it.
IN_BASE = {"libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libcrypt1"}


def image(name):
    return Dockerfile(FILES[name])


def jail_of_exporter(directory, bin_dir):
    """A root with what the exporter's image has."""
    exporter = image("exporter")
    packages = [*exporter.packages(-1), *sorted(IN_BASE)]
    jail = Jail(directory, packages, pathlib.Path(bin_dir) / "serverspace_exporter", exporter.command("ENTRYPOINT")[0])
    jail.folder("/tmp")
    return jail
