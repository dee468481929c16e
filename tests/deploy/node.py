"""Runs the checks that need packages of npm, where scripts/test.sh has put those."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
# With the folder node_modules that package.json asks for.
PACKAGES = ROOT / "build/tools/node/tests-deploy"
# What ctest takes for a test that was left out.
SKIPPED = 77


def need_packages():
    """Leaves the test out where they are missing; where changes are checked, nothing is left out."""
    if not (PACKAGES / "node_modules").is_dir():
        assert not os.environ.get("CI"), "scripts/test.sh installs what this needs"
        print("left out: needs the packages that scripts/test.sh installs from npm")
        sys.exit(SKIPPED)


def run(*command, text=None):
    return subprocess.run(
        list(command), cwd=PACKAGES, input=text, capture_output=True, text=True, timeout=120, check=False
    )


def check(script, value):
    """Hands a value to a script beside this one; fails with what it has to say."""
    # Beside node_modules, for that is where node looks for packages.
    shutil.copy(HERE / script, PACKAGES)
    result = run("node", script, text=json.dumps(value))
    if result.returncode != 0:
        raise AssertionError(result.stderr)
