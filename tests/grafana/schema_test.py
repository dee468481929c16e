#!/usr/bin/env python3
"""The dashboards are what Grafana's own types say, down to the options of each kind of panel.

schema_test.py PACKAGES    the folder of node_modules with what schema/package.json names
"""

import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import boards

HERE = pathlib.Path(__file__).resolve().parent
# Exit status of a test that cannot be made here.
SKIPPED = 77


def problems(packages, models):
    """What the compiler says of `{name: model}`."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "node_modules").symlink_to(packages)
        (folder / "types").symlink_to(packages / "@grafana" / "schema" / "dist" / "esm")
        shutil.copy(HERE / "schema" / "dashboard.ts", folder)
        for name, model in models.items():
            text = json.dumps(model, indent=1, ensure_ascii=False)
            (folder / f"{name}.ts").write_text(
                f"import type {{ Board }} from './dashboard';\nexport const board: Board = {text};\n"
            )
        compiler = packages / "typescript" / "bin" / "tsc"
        options = (
            "--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler --preserveSymlinks"
        )
        files = [f"{name}.ts" for name in models]
        result = subprocess.run(
            ["node", compiler, *options.split(), *files], cwd=folder, text=True, capture_output=True, check=False
        )
        return result.stdout + result.stderr if result.returncode else ""


def main(packages):
    if not packages.is_dir() or not shutil.which("node"):
        assert not os.environ.get("CI"), "scripts/test.sh installs what this needs"
        print("left out: needs node and the packages that scripts/test.sh installs")
        sys.exit(SKIPPED)
    models = {name.removesuffix(".json"): board for name, board in boards.boards().items()}
    said = problems(packages, models)
    assert not said, said
    # What is wrong is found: an option that does not exist, a word that is none, a value of another type.
    broken = {}
    words = {"colourMode": ("options", {"colourMode": "value"}), "vaule": ("options", {"colorMode": "vaule"}),
             "'string'": ("gridPos", {"x": "0"})}  # fmt: skip
    for section, change in words.values():
        board = copy.deepcopy(models["serverspace-fleet"])
        next(panel for panel in boards.charts(board) if panel["type"] == "stat")[section].update(change)
        broken[f"broken{len(broken)}"] = board
    said = problems(packages, broken)
    for name, word in zip(broken, words):
        assert re.search(rf"{name}\.ts\(.*error TS\d+: .*{word}", said), f"{word} was not found: {said}"
    return len(models)


if __name__ == "__main__":
    print(f"{main(pathlib.Path(sys.argv[1]))} dashboards are of Grafana's types")
