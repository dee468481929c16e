#!/usr/bin/env python3
"""Fails where an #include breaks the order of the layers or brings a third-party library out of its place.

usage: includes.py [ROOT]
"""

import fnmatch
import pathlib
import re
import sys

# What each folder of src/ may include besides itself.
LAYERS = {
    "base": [],
    "http": ["base"],
    "config": ["base"],
    "metrics": ["base"],
    "api": ["base", "http", "config"],
    # A collector knows neither HTTP nor JSON.
    "collectors": ["base", "config", "metrics", "api"],
    "tasks": ["base", "config", "metrics", "api", "collectors"],
    "exporter": ["base", "http", "config", "metrics", "api", "collectors", "tasks"],
    "server": ["base", "http", "config", "metrics", "api", "collectors", "tasks", "exporter"],
    "app": ["base", "http", "config", "metrics", "api", "collectors", "tasks", "exporter", "server"],
}

# Where a header may be included: (pattern of the header, patterns of the files). The first row that fits counts.
# A pattern's * also crosses slashes.
PLACES = [
    ("base/fake_clock.h", ["src/base/fake_clock.cc", "tests/*", "bench/*"]),
    ("boost/*", ["src/server/*.cc"]),
    ("httplib.h", ["src/http/*.cc", "tests/*.cc", "bench/*.cc"]),
    ("openssl/*", ["src/http/*.cc", "src/server/*.cc", "tests/*", "bench/*"]),
    ("crypt.h", ["src/server/*.cc", "tests/*.cc"]),
    ("nlohmann/*", ["src/exporter/state_*.cc", "src/server/*_route.cc", "src/server/json_response.cc", "tests/*"]),
    ("yaml-cpp/*", ["src/config/*.cc"]),
    ("prometheus/*", ["src/metrics/*.cc", "tests/metrics/*.cc", "bench/*.cc"]),
    ("zlib.h", ["src/metrics/*.cc", "src/http/gzip_decoder.cc", "tests/*.cc", "bench/*.cc"]),
    ("spdlog/*", ["src/base/log.cc"]),
    ("fmt/*", ["*.cc"]),
    ("CLI/*", ["src/app/command_line.cc", "tests/simulator/*.cc", "bench/*.cc"]),
    ("gtest/*", ["tests/*"]),
    ("gmock/*", ["tests/*"]),
    ("benchmark/*", ["bench/*"]),
    # Of the system: C, POSIX and Linux.
    ("sys/*", ["*"]),
    ("net/*", ["*"]),
    ("netinet/*", ["*"]),
    ("arpa/*", ["*"]),
    ("linux/*", ["*"]),
]
SYSTEM_HEADERS = set(
    "dirent.h dlfcn.h errno.h fcntl.h fnmatch.h glob.h grp.h ifaddrs.h limits.h malloc.h netdb.h poll.h pthread.h pwd.h"
    " resolv.h sched.h signal.h spawn.h stdint.h stdio.h stdlib.h string.h strings.h syslog.h termios.h time.h"
    " unistd.h".split()
)

SOURCES = {".h", ".cc", ".inc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<(?P<angle>[^>]*)>|"(?P<quote>[^"]*)"|(?P<other>.*))')


def fits(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def place_problem(path, header):
    """Why `path` may not include `header`, by the table of places; None if it may."""
    for pattern, files in PLACES:
        if fits(header, [pattern]):
            return None if fits(path, files) else f"{header} belongs in {', '.join(files)} only"
    return ""


def problem(path, match):
    """What is wrong with one include of the file `path` (relative to the root); None if nothing."""
    if match["other"] is not None:
        return "an include that cannot be read; write \"folder/header.h\" or <header>"
    if match["angle"] is not None:
        header = match["angle"]
        found = place_problem(path, header)
        if found != "":
            return found
        if header in SYSTEM_HEADERS or re.fullmatch(r"[a-z0-9_]+", header):
            return None
        return f"<{header}> is in no table of tests/layering/includes.py: a library there, or a header of ours in quotes"
    header = match["quote"]
    found = place_problem(path, header)
    if found:
        return found
    folder = header.split("/")[0]
    in_tests = not path.startswith("src/")
    if ".." in header.split("/") or ("/" not in header and not in_tests):
        return f'"{header}" must be written from src/ on, as "folder/{pathlib.PurePath(header).name}"'
    if in_tests:
        return None
    own = path.split("/")[1]
    if folder not in LAYERS:
        return f'"{header}": {folder} is no layer of src/'
    if folder != own and folder not in LAYERS.get(own, []):
        return f'"{header}": {own} must not know {folder}'
    return None


def problems(root):
    """All problems of the tree, each as `file:line: text`; an empty list if it is in order."""
    root = pathlib.Path(root)
    found = []
    seen = 0
    for top in ("src", "tests", "bench"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            seen += 1
            path = file.relative_to(root).as_posix()
            if top == "src" and path.count("/") > 1 and path.split("/")[1] not in LAYERS:
                found.append(f"{path}:1: {path.split('/')[1]} is no layer of tests/layering/includes.py")
            for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                text = problem(path, match) if match else None
                if text:
                    found.append(f"{path}:{number}: {text}")
    if seen == 0:
        found.append(f"{root}: no sources found")
    return found


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found = problems(root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
