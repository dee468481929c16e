#!/usr/bin/env python3
"""Writes the dashboards that this folder describes.

python3 grafana/generator            writes grafana/dashboards/
python3 grafana/generator --check    fails if they are not as they would be written
"""

import json
import pathlib
import sys

import exporter
import fleet
import money
import operations
import servers

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "dashboards"


def main(check):
    wanted = {
        f"{module.DASHBOARD['uid']}.json": json.dumps(module.DASHBOARD, indent=2, ensure_ascii=False) + "\n"
        for module in (fleet, money, servers, operations, exporter)
    }
    present = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    if check:
        stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
        sys.exit(f"stale: {', '.join(stale)}; run: python3 grafana/generator" if stale else 0)
    FOLDER.mkdir(exist_ok=True)
    for name in present.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
