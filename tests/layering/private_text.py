#!/usr/bin/env python3
"""Fails where a file of the project holds what belongs to one machine or one person: paths, API keys, private keys.

usage: private_text.py [ROOT]
"""

import pathlib
import re
import subprocess
import sys

RULES = [
    ("a path of one machine", re.compile(r"(?<![\w.$}/-])/(?:work|root)/|(?<![\w.$}/-])/(?:home|Users)/[A-Za-z]")),
    ("what looks like an API key", re.compile(r"x-api-key['\"]?\s{0,4}[:=]?\s{0,4}['\"]?[0-9a-z]{40}", re.IGNORECASE)),
    (
        "a private key",
        re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:\s|\\n|['\"])+[A-Za-z0-9+/=]{40}"),
    ),
]
# What a build leaves in a tree that is no git checkout.
SKIPPED = {".git", "build", ".cache", "__pycache__"}


def project_files(root):
    """Paths of what is, or would be, checked in."""
    listed = None
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        try:
            result = subprocess.run(command, capture_output=True, check=False)
            listed = result.stdout if result.returncode == 0 else None
        except FileNotFoundError:
            pass
    if listed is not None:
        paths = [root / name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name]
    else:
        paths = [path for path in root.rglob("*") if not SKIPPED & set(path.relative_to(root).parts)]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def problems(root):
    """Each finding as `file:line: text`, without the text that was found."""
    root = pathlib.Path(root)
    files = project_files(root)
    found = [] if files else [f"{root}: no files found"]
    for file in files:
        text = file.read_bytes().decode("latin-1")
        for what, pattern in RULES:
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{file.relative_to(root).as_posix()}:{line}: {what}")
    return found


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found = problems(root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
