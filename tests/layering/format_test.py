#!/usr/bin/env python3
"""Proves on small trees that format.py passes what is formatted and finds what is not.

usage: format_test.py CLANG_FORMAT
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CLANG_FORMAT = "clang-format"


class FormatTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.root / ".clang-format").write_text("BasedOnStyle: Google\n")

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run_check(self):
        command = [sys.executable, pathlib.Path(__file__).with_name("format.py"), CLANG_FORMAT, self.root]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_formatted_sources_pass(self):
        self.write("src/a.cc", "int x;\n")
        self.write("tests/base/a_test.h", "int y;\n")
        self.assertEqual(self.run_check().returncode, 0)

    def test_other_sources_are_named(self):
        self.write("src/a.cc", "int x;\n")
        for name in ["src/base/bad.cc", "tests/api/bad.h", "bench/bad.cc"]:
            self.write(name, "int  x ;\nint  y ;\n")
        result = self.run_check()
        self.assertEqual(result.returncode, 1)
        self.assertEqual(
            result.stdout, f"not formatted: {CLANG_FORMAT} -i bench/bad.cc src/base/bad.cc tests/api/bad.h\n"
        )

    def test_a_tree_without_sources_does_not_pass(self):
        self.assertEqual(self.run_check().returncode, 1)

    def test_other_files_are_not_judged(self):
        self.write("src/a.cc", "int x;\n")
        self.write("src/list.inc", "ROW( a,b )\n")
        self.write("deploy/a.cc", "int  x ;\n")
        self.assertEqual(self.run_check().returncode, 0)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        CLANG_FORMAT = sys.argv.pop(1)
    unittest.main()
