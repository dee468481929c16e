#!/usr/bin/env python3
"""What the README and the other pages promise: links lead somewhere, and what can be run is run as it stands there.

readme_test.py BIN_DIR
"""

import os
import pathlib
import re
import shlex
import struct
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import stack  # noqa: E402

BIN_DIR = pathlib.Path(sys.argv.pop()).resolve()
README = (ROOT / "README.md").read_text()
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md", "grafana/**/*.md", "tests/**/*.md")
    for path in ROOT.glob(pattern)
    if "node_modules" not in path.parts
)
MAX_PICTURE_BYTES = 150_000
KEY_PATH = "/etc/serverspace-exporter/keys/production"


def prose(text):
    """Without blocks and spans of code, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(path):
    """The anchors that a forge makes of the headings of a page."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return found


def section(title):
    return re.search(rf"^###? {re.escape(title)}\n(.*?)(?=^##|\Z)", README, re.MULTILINE | re.DOTALL)[1]


def block(title):
    return re.search(r"^```\w*\n(.*?)^```", section(title), re.MULTILINE | re.DOTALL)[1]


class PagesTest(unittest.TestCase):
    def test_links_lead_somewhere(self):
        seen = 0
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text())):
                if re.match(r"https?://|mailto:", target):
                    continue
                seen += 1
                with self.subTest(page=page.name, target=target):
                    name, _, anchor = target.partition("#")
                    path = (page.parent / name).resolve() if name else page
                    self.assertTrue(path.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(path))
        self.assertGreater(seen, 50)

    def test_the_picture_is_small(self):
        for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
            data = (ROOT / name).read_bytes()
            self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
            self.assertLess(len(data), MAX_PICTURE_BYTES)
            self.assertLessEqual(struct.unpack(">I", data[16:20])[0], 1280)

    def test_files_in_commands_are_there(self):
        for path in re.findall(r"(?:deploy|scripts|config|grafana)/[\w./-]+", README):
            there = ROOT / path.rstrip(".")
            # Keys are put where git does not look.
            self.assertTrue((there.parent if there.parent.name == "secrets" else there).exists(), path)

    def test_variables_exist(self):
        known = (ROOT / "docs/configuration.md").read_text()
        for name in set(re.findall(r"\bSERVERSPACE_[A-Z_]+", README)) - {"SERVERSPACE_KEY"}:
            self.assertRegex(known, rf"\b{name}\b")


class CommandsTest(unittest.TestCase):
    """With the simulator in place of the API, and other paths."""

    def setUp(self):
        self.directory = self.enterContext(stack.scratch())
        self.simulator = self.enterContext(stack.Simulator(BIN_DIR, self.directory, "--servers", "12"))
        self.environment = {
            "PATH": f"{BIN_DIR}:{os.environ['PATH']}",
            "SERVERSPACE_HOST": self.simulator.base_url,
            "SERVERSPACE_CA_FILE": str(self.simulator.ca_file),
        }

    def shell(self, command, **variables):
        return subprocess.run(
            ["sh", "-c", command], cwd=self.directory, env=stack.clean_environment({**self.environment, **variables}),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def test_textfile_collector(self):
        line = block("Textfile collector").strip()
        output = self.directory / "serverspace.prom"
        command = re.sub(r"^(\S+ ){5}", "", line)
        command = command.replace(KEY_PATH, str(self.simulator.keys()[0]))
        command = re.sub(r"--output=\S+", f"--output={output}", command)
        result = self.shell(command)
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
        lint = subprocess.run(["promtool", "check", "metrics"], input=output.read_text(), capture_output=True, text=True, check=False)
        self.assertEqual((lint.returncode, lint.stdout + lint.stderr), (0, ""))
        self.assertIn("serverspace_servers", output.read_text())

    def test_icinga(self):
        text = block("Icinga, Nagios")
        words = [pathlib.Path(word).name for word in re.findall(r'"([^"]*)"', re.search(r"command = (.*)", text)[1])]
        words += re.findall(r'"([^"]*)"', re.search(r"arguments = (.*)", text)[1])
        self.assertIn("env.SERVERSPACE_API_KEY_FILE =", text)
        result = self.shell(shlex.join(words), SERVERSPACE_API_KEY_FILE=str(self.simulator.keys()[0]))
        promised = re.search(r"`(BALANCE OK .*?)`", section("Icinga, Nagios"))[1]
        self.assertEqual((result.returncode, result.stdout.strip()), (0, promised), result.stderr)

    def test_by_hand(self):
        (self.directory / "api-key").symlink_to(self.simulator.keys()[0])
        variable, program = shlex.split(block("By hand"))
        self.assertEqual(pathlib.Path(program).name, "serverspace_exporter")
        name, _, value = variable.partition("=")
        exporter = self.enterContext(
            stack.Exporter(BIN_DIR, self.directory, environment={**self.environment, name: str(self.directory / value)})
        ).await_ready()
        self.assertEqual(exporter.samples()['serverspace_servers{project="default"}'], "12")

    def test_the_excerpt_is_of_metrics_that_exist(self):
        exporter = self.enterContext(
            stack.Exporter(
                BIN_DIR, self.directory,
                environment={**stack.environment_of(self.simulator), "SERVERSPACE_PROJECT": "production"},
            )
        ).await_ready()  # fmt: skip
        excerpt = re.search(r"for a project named `production`:\n\n```\n(.*?)```", README, re.DOTALL)[1]

        def shape(series):
            return re.sub(r'="[^"]*"', "", series)

        there = {shape(series) for series in exporter.samples()}
        for series in stack.parse_samples(excerpt):
            self.assertIn(shape(series), there)


if __name__ == "__main__":
    unittest.main()
