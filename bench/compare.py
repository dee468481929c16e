#!/usr/bin/env python3
"""Compares scrapes of the exporter with those of nginx and of two exporters of libraries, all with the same series.

compare.py BIN_DIR CLIENT_GOLANG [--quick] [--rounds N] [--seconds N] [CASE...]

A CASE is a number of servers, or PROJECTSxSERVERS. --quick measures 1000 servers. The contenders run one after the other in
each round, on one core, and wrk on another. Prints medians of the rounds and their ratios as Markdown.
"""

import argparse
import contextlib
import gzip
import pathlib
import statistics
import time

import measure
import stack

CASES = ("100", "1000", "10000", "50000", "1000x20")
PLAIN = {"Accept": stack.OPEN_METRICS["Accept"]}


class Contender:
    """A server that is measured. `full`: in all ways, and not only as Prometheus asks."""

    def __init__(self, name, place, pid, full):
        self.name, self.place, self.pid, self.full = name, place, pid, full
        self.url = "http://{}:{}/metrics".format(*place)
        started = time.monotonic()
        self.page = measure.raw_page(place, stack.OPEN_METRICS)
        self.page = measure.raw_page(place, stack.OPEN_METRICS)
        self.estimate = (time.monotonic() - started) / 2
        self.gzip, self.plain, self.crowd, self.cpu = [], [], [], []

    def round(self, seconds):
        # At least some five answers, however slow.
        seconds = max(seconds, min(round(5 * self.estimate + 1), 60))
        cpu = measure.cpu_seconds(self.pid)
        load = measure.wrk(self.url, stack.OPEN_METRICS, seconds)
        self.cpu.append((measure.cpu_seconds(self.pid) - cpu) / load.requests)
        self.gzip.append(load)
        if self.full:
            self.plain.append(measure.wrk(self.url, PLAIN, seconds))
            self.crowd.append(measure.wrk(self.url, stack.OPEN_METRICS, seconds, connections=8))


def median(loads, field="median"):
    return statistics.median(getattr(load, field) for load in loads)


def time_text(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.0f} µs"


def size_text(size_bytes):
    return f"{size_bytes / measure.MIB:.1f} MiB" if size_bytes >= measure.MIB else f"{size_bytes / 1024:.0f} KiB"


@contextlib.contextmanager
def program(arguments, directory, name):
    """One of the exporters of libraries, on the server's core from its start."""
    port_file = directory / f"{name}.port"
    command = ["taskset", "-c", str(measure.SERVER_CORE), *arguments, port_file]
    with stack.Program(command, directory / f"{name}.log") as running:
        # Half a million series take a while to be registered.
        stack.await_condition(name, lambda: running.process.poll() is not None or port_file.exists(), seconds=300)
        host, _, port = running.await_file(port_file).rpartition(":")
        yield (host, int(port)), running.pid


def measure_case(options, directory, case):
    projects, _, servers = ("1x" + case if "x" not in case else case).partition("x")
    with contextlib.ExitStack() as running:
        enter = running.enter_context
        simulator = enter(stack.Simulator(options.bin_dir, directory, "--projects", projects, "--servers", servers))
        config = measure.config_at_rest(simulator, directory)
        exporter = enter(stack.Exporter(options.bin_dir, directory, "--config.file", config))
        exporter.await_ready()
        measure.pin(exporter.pid, measure.SERVER_CORE)
        compressed = measure.raw_page(exporter.place, stack.OPEN_METRICS)
        page = directory / "page.txt"
        page.write_bytes(measure.raw_page(exporter.place, {}))
        series = sum(1 for line in page.read_bytes().splitlines() if line[:1] != b"#")
        plain = gzip.decompress(compressed)

        ours = Contender("this exporter", exporter.place, exporter.pid, True)
        nginx = Contender("nginx", *enter(measure.nginx(directory, plain, compressed)), True)
        golang = [options.client_golang, page]
        cpp = [pathlib.Path(options.bin_dir) / "bench_prometheus_cpp_exporter", page]
        golang = Contender("client_golang", *enter(program(golang, directory, "client_golang")), False)
        cpp = Contender("prometheus-cpp", *enter(program(cpp, directory, "prometheus_cpp")), False)
        contenders = (ours, nginx, golang, cpp)
        for _ in range(options.rounds):
            for contender in contenders:
                contender.round(options.seconds)

    title = f"{int(servers):,} servers" if projects == "1" else f"{int(projects):,} projects of {int(servers)} servers"
    print(f"\n### {title.replace(',', ' ')}\n")
    print(f"{series} series, {size_text(len(plain))} plain, {size_text(len(compressed))} compressed.\n")
    print("| | gzip, median | gzip, p99 | plain, median | plain, p99 | gzip, 8 connections | CPU of a scrape | bytes |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for contender in contenders:
        loads = (contender.gzip, contender.plain)
        times = [time_text(median(load, field)) if load else "" for load in loads for field in ("median", "p99")]
        crowd = f"{median(contender.crowd, 'rate'):.0f}/s" if contender.crowd else ""
        cells = [contender.name, *times, crowd, time_text(statistics.median(contender.cpu)), size_text(len(contender.page))]
        print("| " + " | ".join(cells) + " |")

    def ratio(other, kind, field="median"):
        return median(getattr(other, kind), field) / median(getattr(ours, kind), field)

    cpu_share = statistics.median(ours.cpu) / statistics.median(golang.cpu)
    print(
        f"\nAgainst nginx: gzip {1 / ratio(nginx, 'gzip'):.2f}x its time, plain {1 / ratio(nginx, 'plain'):.2f}x, "
        f"throughput {1 / ratio(nginx, 'crowd', 'rate'):.2f}x. "
        f"{ratio(golang, 'gzip'):.0f} times as fast as client_golang with {cpu_share:.3%} of its CPU time, "
        f"{ratio(cpp, 'gzip'):.0f} times as fast as prometheus-cpp.",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir")
    parser.add_argument("client_golang")
    parser.add_argument("cases", metavar="CASE", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_intermixed_args()
    measure.before_other_work()
    for case in options.cases or (["1000"] if options.quick else CASES):
        with stack.scratch() as directory:
            measure_case(options, directory, case)


if __name__ == "__main__":
    main()
