#!/usr/bin/env python3
"""Fails where a C++ file is not formatted as .clang-format says, and tells how to format it.

usage: format.py CLANG_FORMAT ROOT
"""

import pathlib
import subprocess
import sys


def main():
    clang_format, root = sys.argv[1], pathlib.Path(sys.argv[2])
    files = [
        str(file.relative_to(root))
        for top in ("src", "tests", "bench")
        for file in sorted((root / top).rglob("*"))
        if file.suffix in {".h", ".cc"}
    ]
    if not files:
        print(f"{root}: no sources found")
        return 1
    command = [clang_format, "--dry-run", "-Werror", "--ferror-limit=1", *files]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        bad = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "-Wclang-format" in line})
        print(f"not formatted: {clang_format} -i {' '.join(bad)}" if bad else result.stderr)
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
