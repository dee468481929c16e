#!/usr/bin/env python3
"""Builds the images of deploy/docker with buildah, which needs no engine, on a Debian made by debootstrap under the names
that the Dockerfiles ask for, and runs the exporter's as it would be. Takes minutes; needs root.

image_test.py BIN_DIR
"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import exporter_image  # noqa: E402
import stack  # noqa: E402

BIN_DIR = pathlib.Path(sys.argv.pop()).resolve()
BASES = ("docker.io/library/debian:bookworm", "docker.io/library/debian:bookworm-slim")
REVISION = "0123456789ab"


class Builder:
    """buildah with a store of its own."""

    def __init__(self, directory):
        self._environment = {
            **os.environ, "BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs",
            # The store lies in the test's folder and goes with it.
            "CONTAINERS_STORAGE_CONF": str(directory / "storage.conf"),
        }  # fmt: skip
        (directory / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{directory}/store"\nrunroot = "{directory}/run"\n'
        )

    def command(self, *words):
        return ["buildah", *map(str, words)]

    def __call__(self, *words):
        result = subprocess.run(
            self.command(*words), cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"buildah {words[0]}: {result.stdout[-2000:]} {result.stderr[-4000:]}"
        return result.stdout.strip()

    def start(self, log, *words):
        return stack.Program(self.command(*words), log, self._environment)


def make_base(builder, directory):
    root = directory / "debian"
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, stdout=subprocess.DEVNULL)
    # The mirror, and what apt needs to be told about it, are this machine's.
    for name in ("sources.list", "sources.list.d", "apt.conf.d"):
        source = pathlib.Path("/etc/apt") / name
        if source.exists():
            subprocess.run(["cp", "-rT", source, root / "etc/apt" / name], check=True)
    for name in BASES:
        container = builder("from", "scratch")
        builder("add", "-q", container, root, "/")
        builder("commit", "-q", container, name)
        builder("rm", container)


class BuiltImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = cls.enterClassContext(stack.scratch())
        cls.directory.chmod(0o755)
        cls.build = Builder(cls.directory)
        make_base(cls.build, cls.directory)
        for name, file in exporter_image.FILES.items():
            cls.build(
                "bud", "--pull-never", "--format", "docker", "--build-arg", f"REVISION={REVISION}", "-f", file, "-t", name, "."
            )

    def test_has_what_the_dockerfile_says(self):
        config = json.loads(self.build("inspect", "--type", "image", "exporter"))["Docker"]["config"]
        image = exporter_image.image("exporter")
        self.assertEqual(config["User"], image.last("USER"))
        self.assertEqual(config["Entrypoint"], image.command("ENTRYPOINT"))
        self.assertEqual(config["Healthcheck"]["Test"], ["CMD", *image.command("HEALTHCHECK")])
        self.assertEqual(config["Labels"]["org.opencontainers.image.revision"], REVISION)

    def test_serves_and_is_healthy(self):
        simulator = self.enterContext(stack.Simulator(BIN_DIR, self.directory))
        keys = self.directory / "mounted"
        keys.mkdir()
        for name, source in (("api-key", simulator.keys()[0]), ("ca.pem", simulator.ca_file)):
            (keys / name).write_bytes(source.read_bytes())
            (keys / name).chmod(0o444)
        out = self.directory / "out"
        out.mkdir()
        out.chmod(0o777)
        container = self.build("from", "--pull-never", "exporter")
        image = exporter_image.image("exporter")
        exporter = self.enterContext(
            self.build.start(
                self.directory / "exporter.log", "run",
                "-v", f"{keys}:/run/keys:ro", "-v", f"{out}:/out",
                "-e", "SERVERSPACE_API_KEY_FILE=/run/keys/api-key", "-e", "SERVERSPACE_CA_FILE=/run/keys/ca.pem",
                "-e", f"SERVERSPACE_HOST={simulator.base_url}", "-e", "SERVERSPACE_WEB_LISTEN_ADDRESS=127.0.0.1:0",
                "-e", "SERVERSPACE_STATE_FILE=/var/lib/serverspace-exporter/state.json",
                container, "--", *image.command("ENTRYPOINT"), "--web.port-file", "/out/port",
            )
        )  # fmt: skip
        address = exporter.await_file(out / "port")
        health = ["run", "-e", f"SERVERSPACE_WEB_LISTEN_ADDRESS={address}", container, "--", *image.command("HEALTHCHECK")]
        self.assertEqual(self.build(*health), "healthy")

        def page():
            text = subprocess.run(["curl", "-fsS", f"http://{address}/metrics"], capture_output=True, text=True, check=False).stdout
            return text if 'serverspace_up{project="default"} 1' in text and "state_persistent 1" in text else None

        stack.await_condition("a page", page)
        self.assertIn(f'revision="{REVISION}"', page())

    def test_the_simulator_starts(self):
        container = self.build("from", "--pull-never", "simulator")
        self.assertIn("--host-name", self.build("run", container, "--", "/usr/bin/serverspace_simulator", "--help"))


if __name__ == "__main__":
    unittest.main()
