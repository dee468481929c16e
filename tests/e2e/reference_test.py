#!/usr/bin/env python3
"""The metrics and requests of an exporter with all collectors on are those of docs/metrics.md and docs/api-coverage.md.

reference_test.py BIN_DIR
"""

import pathlib
import re
import sys

import stack

DOCS = pathlib.Path(__file__).resolve().parent.parent.parent / "docs"
# Asked for only if a list lacks what it should hold.
CONDITIONAL_ROUTES = {"/domains/{name}/records"}
COLLECTORS_OFF_BY_DEFAULT = ("snapshots", "backups")


def documented():
    """Type by name, from the tables of the reference."""
    rows = re.findall(r"^\| `(\w+)` \| (gauge|counter|info|histogram) \|", (DOCS / "metrics.md").read_text(), re.M)
    assert len(rows) > 100, f"{len(rows)} metrics in the reference"
    return dict(rows)


def shown(page):
    """Type by name, of an OpenMetrics page."""
    suffix = {"counter": "_total", "info": "_info"}
    return {
        name + suffix.get(kind, ""): kind for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", page, re.M)
    }


def covered():
    """Collector by route, of those that are read."""
    rows = re.findall(r"^\| (`/[^|]+`) \| (\w+|`\w+`[^|]*) \|", (DOCS / "api-coverage.md").read_text(), re.M)
    assert len(rows) > 30, f"{len(rows)} rows of routes"
    return {
        route: reader.split("`")[1] for routes, reader in rows for route in re.findall(r"`([^`]+)`", routes) if "`" in reader
    }


def succeeded(page):
    return set(re.findall(r'^serverspace_collector_success\{project="\w+",collector="(\w+)"\} 1$', page, re.M))


def routes_read():
    return covered().keys() - CONDITIONAL_ROUTES


def asked(page):
    return set(re.findall(r'^serverspace_api_requests_total\{route="([^"]+)"', page, re.M))


def main(bin_dir):
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, "--seed", "7", "--servers", "6") as simulator:
        wanted = set(covered().values())
        flags = [f"--collector.{name}" for name in COLLECTORS_OFF_BY_DEFAULT]
        with stack.Exporter(bin_dir, directory, *flags, environment=stack.environment_of(simulator)) as exporter:
            exporter.await_ready()

            unread = []

            def all_told():
                page = exporter.get(headers=stack.OPEN_METRICS).text
                unread[:] = routes_read() - asked(page)
                # Requests are told later than what they brought.
                return page if succeeded(page) == wanted and not unread else None

            assert len(wanted) > 10, wanted
            try:
                page = stack.await_condition("every collector's metrics", all_told, pause=0.1)
            except AssertionError as late:
                raise AssertionError(f"nobody reads what docs/api-coverage.md says: {unread}") from late
            assert exporter.stop() == 0
    undocumented = asked(page) - covered().keys()
    assert not undocumented, f"not in docs/api-coverage.md: {undocumented}"
    reference = documented()
    found = shown(page)
    missing = {name: kind for name, kind in found.items() if reference.get(name) != kind}
    assert not missing, f"not so in docs/metrics.md: {missing}"
    unseen = sorted(reference.keys() - found.keys())
    print(f"{len(found)} of {len(reference)} documented metrics were shown; not: {', '.join(unseen)}")


if __name__ == "__main__":
    main(sys.argv[1])
