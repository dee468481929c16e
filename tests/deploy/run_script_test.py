#!/usr/bin/env python3
"""scripts/run.sh as a new user calls it: from any directory, with the simulator or with a key of one's own.

run_script_test.py BIN_DIR
"""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import stack  # noqa: E402

BIN_DIR = pathlib.Path(sys.argv.pop()).resolve()
SERVERS = 3


def run(directory, *arguments, **variables):
    return subprocess.run(
        [ROOT / "scripts/run.sh", "--bin", BIN_DIR, "--once", *arguments],
        cwd=directory, env=stack.clean_environment(variables), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def rows(output):
    """`{name: value}` of the figures."""
    return dict(re.findall(r"^  (\w[\w ]*?)  +(\S.*)$", output, re.MULTILINE))


class RunScriptTest(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(stack.scratch())

    def simulator(self, *flags):
        return self.enterContext(stack.Simulator(BIN_DIR, self.directory, "--servers", str(SERVERS), *flags))

    def assert_shows_servers(self, result, count=SERVERS):
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(rows(result.stdout)["servers"], str(count))

    def test_shows_the_figures_that_the_readme_promises(self):
        result = run(self.directory)
        self.assertEqual(result.returncode, 0, result.stderr)
        shown = rows(result.stdout)
        promised = rows((ROOT / "README.md").read_text().split("scripts/run.sh\n", 1)[1])
        series, promised_series = int(shown.pop("series")), int(promised.pop("series"))
        self.assertEqual(shown, promised)
        # Each new metric adds some.
        self.assertAlmostEqual(series, promised_series, delta=promised_series / 4)

    def test_shows_the_same_number_of_series_each_time(self):
        self.assertEqual(len({rows(run(self.directory).stdout)["series"] for _ in range(3)}), 1)

    def test_takes_relative_paths_from_the_directory_of_the_caller(self):
        simulator = self.simulator()
        (self.directory / "key").symlink_to(simulator.keys()[0])
        result = run(
            self.directory,
            SERVERSPACE_API_KEY_FILE="key", SERVERSPACE_CA_FILE="ca.pem", SERVERSPACE_HOST=simulator.base_url,
        )  # fmt: skip
        self.assert_shows_servers(result)

    def test_takes_the_configuration_file_that_the_environment_names(self):
        simulator = self.simulator("--projects", "2")
        config = stack.config_of(simulator, self.directory)
        result = run(self.directory, SERVERSPACE_CONFIG_FILE=config.name)
        self.assert_shows_servers(result, 2 * SERVERS)

    def test_takes_the_directory_of_keys_that_the_environment_names(self):
        simulator = self.simulator()
        result = run(
            self.directory,
            SERVERSPACE_PROJECTS_DIR="keys", SERVERSPACE_CA_FILE="ca.pem", SERVERSPACE_HOST=simulator.base_url,
        )  # fmt: skip
        self.assert_shows_servers(result)

    def test_fails_with_the_reason_if_the_api_does_not_answer(self):
        (self.directory / "key").write_text("l3" + "k" * 64)
        result = run(self.directory, SERVERSPACE_API_KEY_FILE="key", SERVERSPACE_HOST="https://127.0.0.1:1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("connection refused", result.stderr)
        self.assertEqual(rows(result.stdout)["servers"], "not known")

    def test_refuses_a_directory_of_programs_that_is_none(self):
        for directory in ("", "no-such-directory"):
            with self.subTest(directory):
                self.assertNotEqual(run(self.directory, "--bin", directory).returncode, 0)


if __name__ == "__main__":
    unittest.main()
