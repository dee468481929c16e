#!/usr/bin/env python3
"""Proves on small trees that private_text.py passes what is right and finds what is wrong.

The bad texts are put together here, so that this file itself holds none.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import private_text

KEY = "0123456789abcdef" * 4
HEADER = "X-API-" + "KEY"
# Folders of one machine.
WORK, ROOT, HOME = ("/" + name for name in ("work", "root", "home"))
BEGIN = "-----BEGIN " + "PRIVATE KEY-----"


class PrivateTextTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def check(self, text):
        self.write("docs/a.md", text)
        return private_text.problems(self.root)

    def assert_found(self, text, what):
        self.assertEqual(self.check("first line\n" + text), ["docs/a.md:2: " + what])

    def test_plain_text_is_fine(self):
        for text in [
            f"see https://example.com{WORK}{HOME}/x",
            f"cd $HOME{WORK}/x && ls ${{ROOT}}{ROOT}/x",
            f"a{WORK}/b ..{WORK}/x .{ROOT}/ -{HOME}/x",
            f'{HEADER}: <key>\n{HEADER}: ${{key}}\n"{HEADER}", key',
            f"{HEADER} and then {KEY}",
            f'if (pem.starts_with("{BEGIN}")) return;',
            "/var/lib/serverspace-exporter /etc/serverspace-exporter /tmp/x",
        ]:
            self.assertEqual(self.check(text), [], text)

    def test_machine_paths_are_found(self):
        for path in [f"{WORK}/main", f"{ROOT}/x", f"{HOME}/someone/x", "/Users" + "/someone"]:
            for text in [path, f"cd {path}", f'"{path}"', f"={path}", f"({path})", f"-I '{path}'"]:
                self.assert_found(text, "a path of one machine")

    def test_keys_are_found(self):
        for text in [
            f"curl -H '{HEADER}: {KEY}'",
            f"{HEADER.lower()}:{KEY[:40]}",
            f'"{HEADER}": "{KEY.upper()}"',
            f"{HEADER}={KEY}",
        ]:
            self.assert_found(text, "what looks like an API key")
        self.assertEqual(self.check(f"{HEADER}: {KEY[:39]}"), [])

    def test_private_keys_are_found(self):
        body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw" + "ggSjAgEAAoIBAQ"
        self.assert_found(f"{BEGIN}\n{body}\n", "a private key")
        self.assert_found(f'"{BEGIN}\\n{body}"', "a private key")
        self.assert_found(f'"{BEGIN}"\n  "{body}"', "a private key")
        self.assert_found(BEGIN.replace("PRIVATE", "EC PRIVATE") + f"\r\n{body}", "a private key")

    def test_what_was_found_is_not_repeated(self):
        self.assertNotIn(KEY, "".join(self.check(f"{HEADER}: {KEY}")))

    def test_builds_are_left_out(self):
        self.write("build/release/a.txt", "/work" + "/main")
        self.assertEqual(self.check("fine"), [])

    @unittest.skipUnless(shutil.which("git"), "needs git")
    def test_a_checkout_is_its_files(self):
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.write(".gitignore", "/out/\n")
        self.write("out/a.txt", "/work" + "/main")
        self.assertEqual(self.check("fine"), [])
        self.assert_found("/work" + "/main", "a path of one machine")

    def test_the_program_fails_with_its_findings(self):
        run = lambda: subprocess.run(
            [sys.executable, private_text.__file__, self.root], capture_output=True, text=True, check=False
        )
        self.assertEqual(run().returncode, 1, "an empty tree must not pass")
        self.write("a.md", "fine\n")
        self.assertEqual(run().returncode, 0)
        self.write("a.md", "/work" + "/main\n")
        result = run()
        self.assertEqual((result.returncode, result.stdout), (1, "a.md:1: a path of one machine\n"))


if __name__ == "__main__":
    unittest.main()
