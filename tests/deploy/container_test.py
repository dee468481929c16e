#!/usr/bin/env python3
"""The images of deploy/docker and its compose.yaml, as far as they can be tried without a container engine.

container_test.py BIN_DIR
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/layering")]

import dockerfile  # noqa: E402
import exporter_image  # noqa: E402
import jail  # noqa: E402
import node  # noqa: E402
import private_text  # noqa: E402
import stack  # noqa: E402

node.need_packages()
BIN_DIR = pathlib.Path(sys.argv.pop()).resolve()
DOCKER = ROOT / "deploy/docker"
PROGRAMS = {"exporter": BIN_DIR / "serverspace_exporter", "simulator": BIN_DIR / "serverspace_simulator"}
STATE = "/var/lib/serverspace-exporter"


def images():
    return {name: (exporter_image.image(name), program) for name, program in PROGRAMS.items()}


class ImageTest(unittest.TestCase):
    def test_copies_what_is_there(self):
        ignored = ROOT / ".dockerignore"
        for name, (image, _) in images().items():
            with self.subTest(name):
                self.assertIn(".", image.copied())
                for source in image.copied():
                    self.assertTrue((ROOT / source).exists(), source)
                    self.assertFalse(dockerfile.is_ignored(source, ignored), source)

    def test_leaves_secrets_and_builds_out_of_the_context_and_no_source(self):
        ignored = ROOT / ".dockerignore"
        for path in (".git", "build/release", "deploy/docker/secrets/api-key", "tests/e2e/__pycache__/stack.pyc"):
            self.assertTrue(dockerfile.is_ignored(path, ignored), path)
        files = [path.relative_to(ROOT) for path in private_text.project_files(ROOT)]
        needed = [path for path in files if path.parts[0] in ("CMakeLists.txt", "CMakePresets.json", "src", "cmake", "tests", "scripts")]
        self.assertGreater(len(needed), 100)
        for path in needed:
            self.assertFalse(dockerfile.is_ignored(path.as_posix(), ignored), path)

    def test_installs_every_library_and_no_other(self):
        for name, (image, program) in images().items():
            with self.subTest(name):
                needed = {jail.package_of(library) for library in jail.libraries_of(program)}
                self.assertEqual(set(image.packages(-1)) - {"ca-certificates"}, needed - exporter_image.IN_BASE)

    def test_is_not_root_by_number_and_has_labels(self):
        for name, (image, _) in images().items():
            with self.subTest(name):
                self.assertRegex(image.last("USER"), r"^[1-9]\d+:[1-9]\d+$")
                labels = image.labels()
                for label in ("title", "description", "licenses"):
                    self.assertTrue(labels[f"org.opencontainers.image.{label}"])

    def test_has_the_version_of_the_program(self):
        version = re.search(r"project\(\w+ VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
        self.assertEqual(exporter_image.image("exporter").arguments()["VERSION"], version)

    def test_has_nothing_that_a_linter_would_say(self):
        for path in exporter_image.FILES.values():
            linted = node.run("node_modules/.bin/dockerfile-utils", "lint", path)
            self.assertEqual((linted.returncode, linted.stdout), (0, ""), linted.stderr)

    def test_needs_no_special_builder(self):
        for path in exporter_image.FILES.values():
            text = path.read_text()
            for word in ("# syntax", "--mount", "<<", "--chmod", "--link"):
                self.assertNotIn(word, text)


@unittest.skipUnless(jail.can_jail(), "needs root and mount namespaces")
class ReadOnlyRootTest(unittest.TestCase):
    """The exporter under the image's user, on a read-only root with the image's packages alone."""

    def setUp(self):
        self.directory = self.enterContext(stack.scratch())
        self.directory.chmod(0o755)
        self.simulator = self.enterContext(stack.Simulator(BIN_DIR, self.directory))
        self.image = exporter_image.image("exporter")
        self.user = self.image.last("USER").partition(":")[0]
        self.jail = exporter_image.jail_of_exporter(self.directory, BIN_DIR)
        self.jail.add(self.simulator.ca_file, "/etc/ca.pem")
        # As a Secret is mounted in Kubernetes or compose: readable, not owned.
        self.jail.add(self.simulator.keys()[0], "/run/secrets/api-key").chmod(0o444)
        self.jail.folder(STATE)

    def serve(self, **variables):
        environment = {
            "SERVERSPACE_API_KEY_FILE": "/run/secrets/api-key",
            "SERVERSPACE_CA_FILE": "/etc/ca.pem",
            "SERVERSPACE_HOST": f"https://127.0.0.1:{self.simulator.port}",
            "SERVERSPACE_WEB_LISTEN_ADDRESS": "127.0.0.1:0",
            **variables,
        }
        # A folder for the port, as it is free and not 10066 here; the image needs none.
        command = [*self.image.command("ENTRYPOINT"), "--web.port-file", "/tmp/port"]
        self.exporter = self.enterContext(
            stack.Program(
                self.jail.command(command, self.user, ["/tmp", STATE]), self.directory / "exporter.log", environment
            )
        )
        seen = pathlib.Path(f"/proc/{self.exporter.pid}/root/tmp/port")
        return self.exporter.await_file(seen)

    def inside(self, command, **variables):
        return subprocess.run(
            self.jail.command(command, self.user), env={"PATH": "/usr/bin:/bin:/usr/sbin", **variables},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def healthcheck(self, address):
        return self.inside(self.image.command("HEALTHCHECK"), SERVERSPACE_WEB_LISTEN_ADDRESS=address)

    def test_serves_and_is_healthy(self):
        address = self.serve()
        stack.await_condition("healthy", lambda: self.healthcheck(address).returncode == 0)
        self.assertEqual(self.uid(), self.user)
        self.assertEqual(self.exporter.stop(), 0, self.exporter.text())
        self.assertNotEqual(self.healthcheck(address).returncode, 0)

    def test_keeps_its_state_in_the_folder_that_is_mounted(self):
        address = self.serve(SERVERSPACE_STATE_FILE=f"{STATE}/state.json")
        state = pathlib.Path(f"/proc/{self.exporter.pid}/root{STATE}/state.json")
        stack.await_condition("a state with the project", lambda: state.exists() and '"default"' in state.read_text())
        stack.await_condition("persistent", lambda: "state_persistent 1" in self.page(address))

    def test_says_so_if_the_state_cannot_be_written(self):
        address = self.serve(SERVERSPACE_STATE_FILE="/etc/state.json")
        stack.await_condition("not persistent", lambda: "state_persistent 0" in self.page(address))
        self.assertIn("Read-only file system", self.exporter.text())

    def uid(self):
        status = pathlib.Path(f"/proc/{self.exporter.pid}/status").read_text()
        return re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)[1]

    def page(self, address):
        result = subprocess.run(["curl", "-fsS", f"http://{address}/metrics"], capture_output=True, text=True, check=False)
        return result.stdout


class ComposeTest(unittest.TestCase):
    def setUp(self):
        self.compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
        self.services = self.compose["services"]

    def test_has_the_form_of_the_specification(self):
        node.check("check_compose.mjs", self.compose)

    def test_mounts_what_is_there(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                source = volume.partition(":")[0]
                with self.subTest(service=name, source=source):
                    if source.startswith("."):
                        self.assertTrue((DOCKER / source).resolve().exists())
                    else:
                        self.assertIn(source, self.compose["volumes"])

    def test_builds_from_files_that_are_there(self):
        for service in self.services.values():
            if "build" in service:
                context = DOCKER / service["build"]["context"]
                self.assertTrue((context / service["build"]["dockerfile"]).is_file())

    def test_confines_every_service_and_publishes_on_loopback_only(self):
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertTrue(service["read_only"])
                self.assertEqual(service["cap_drop"], ["ALL"])
                for port in service.get("ports", []):
                    self.assertTrue(port.startswith("127.0.0.1:"), port)

    def test_pins_foreign_images(self):
        for service in self.services.values():
            if "build" not in service:
                self.assertRegex(service["image"], r":v?\d+\.\d+\.\d+$")

    def test_sets_variables_that_exist(self):
        known = (ROOT / "docs/configuration.md").read_text()
        for name in self.services["exporter"]["environment"]:
            self.assertIn(f"`{name}`", known)

    def test_prometheus_is_as_the_shipped_one(self):
        shipped = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
        here = yaml.safe_load((DOCKER / "prometheus.yml").read_text())
        names = json.dumps(here).replace("alertmanager:9093", "localhost:9093").replace("exporter:10066", "localhost:10066")
        shipped["scrape_configs"] = [job for job in shipped["scrape_configs"] if job["job_name"] == "serverspace"]
        self.assertEqual(json.loads(names), shipped)

    def test_demo_works(self):
        """Simulator and exporter with the words and variables of the demo, in one folder instead of a volume."""
        directory = self.enterContext(stack.scratch())
        image = exporter_image.image("simulator")
        words = image.command("ENTRYPOINT")[1:] + self.services["simulator"]["command"]
        words = [word.replace("/demo/", f"{directory}/").replace("0.0.0.0:8443", "127.0.0.1:0") for word in words]
        simulator = self.enterContext(
            stack.Program([PROGRAMS["simulator"], *words], directory / "simulator.log")
        )
        port = simulator.await_file(directory / "port").rpartition(":")[2]
        demo = dict(
            line.split("=", 1) for line in (DOCKER / "demo.env").read_text().splitlines() if line and not line.startswith("#")
        )
        # The name is one for the certificate; there is no network here that knows it.
        self.assertIn("simulator", words)
        self.assertEqual(demo["SERVERSPACE_HOST"], "https://simulator:8443")
        demo["SERVERSPACE_HOST"] = f"https://localhost:{port}"
        environment = {
            name: self.value(text, demo).replace("/demo/", f"{directory}/").replace(STATE, str(directory))
            for name, text in self.services["exporter"]["environment"].items()
        }
        exporter = self.enterContext(stack.Exporter(BIN_DIR, directory, environment=environment)).await_ready()
        samples = exporter.samples()
        self.assertEqual(samples['serverspace_up{project="demo"}'], "1")
        self.assertEqual(samples['serverspace_servers{project="demo"}'], "12")
        self.assertIn('serverspace_project_balance_threshold{project="demo",severity="critical"}', samples)
        self.assertTrue((DOCKER / demo["KEY_ON_HOST"]).is_file())

    @staticmethod
    def value(text, variables):
        return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda match: variables.get(match[1]) or match[2], text)


if __name__ == "__main__":
    unittest.main()
