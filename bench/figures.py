#!/usr/bin/env python3
"""Measures what the exporter itself takes: memory, processor time, threads, connections, size and start.

figures.py BIN_DIR [--seconds N] [PART...]

Parts, all by default: start, memory, refresh, projects, flood. Prints a table in Markdown with what is to be reached. Needs
binutils. Let the machine be idle; as root this runs before what is not.
"""

import argparse
import contextlib
import gzip
import http.client
import pathlib
import re
import statistics
import subprocess
import threading
import time

import measure
import stack
from measure import MIB, cpu_seconds, mib, status_of

INTERVAL_SECONDS = 10
FAST = f"collectors: {{ servers: {{ interval: {INTERVAL_SECONDS}s }} }}"


def row(figure, reach, measured):
    print(f"| {figure} | {reach} | {measured} |", flush=True)


def counted(simulator, route):
    rows = simulator.control("GET", "requests")["requests"]
    return sum(row["count"] for row in rows if row["route"] == route)


def sum_of(samples, pattern):
    return sum(float(value) for series, value in samples.items() if re.match(pattern, series))


def measure_start(options, directory):
    binary = pathlib.Path(options.bin_dir) / "serverspace_exporter"
    stripped = directory / "stripped"
    subprocess.run(["strip", "-o", stripped, binary], check=True)
    row("size of the stripped program", "6 MiB", f"{stripped.stat().st_size / MIB:.2f} MiB")
    with stack.Simulator(options.bin_dir, directory) as simulator:
        times = []
        for _ in range(21):
            port_file = directory / "started.port"
            port_file.unlink(missing_ok=True)
            arguments = [binary, "--web.listen-address", "127.0.0.1:0", "--web.port-file", port_file]
            started = time.monotonic()
            with stack.Program(arguments, directory / "started.log", stack.environment_of(simulator)) as program:
                stack.await_condition("listening", port_file.exists, pause=0.0002)
                times.append(time.monotonic() - started)
                program.await_file(port_file)
        row("start to listening", "50 ms", f"{statistics.median(times) * 1e3:.1f} ms, at most {max(times) * 1e3:.1f} ms of 21")


def await_refreshes(simulator, number):
    """Returns when so many reads of the servers more have been answered and some time has passed to publish them."""
    goal = counted(simulator, "/servers") + number
    patience = stack.PATIENCE_SECONDS + 2 * INTERVAL_SECONDS * number
    stack.await_condition("refreshes", lambda: counted(simulator, "/servers") >= goal, seconds=patience, pause=0.2)
    time.sleep(INTERVAL_SECONDS / 2)


class Sampler:
    """Resident memory of a process, looked at again and again until the block ends."""

    def __init__(self, pid):
        self.pid, self.seen, self._stop = pid, [], threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._stop.wait(0.1):
            self.seen.append(mib(self.pid, "VmRSS"))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def measure_memory(options, directory, servers, rest_reach, peak_reach):
    with contextlib.ExitStack() as running:
        simulator = running.enter_context(stack.Simulator(options.bin_dir, directory, "--servers", str(servers)))
        config = stack.config_of(simulator, directory, FAST)
        exporter = running.enter_context(stack.Exporter(options.bin_dir, directory, "--config.file", config))
        exporter.await_ready()
        pid = exporter.pid
        await_refreshes(simulator, 1)

        def refreshes(number, before):
            """Seconds of processor time by the refresh."""
            cpu = cpu_seconds(pid)
            for _ in range(number):
                before()
                await_refreshes(simulator, 1)
            return (cpu_seconds(pid) - cpu) / number

        number = max(1, round(options.seconds / INTERVAL_SECONDS))
        with Sampler(pid) as sampler:
            changed = refreshes(number, lambda: simulator.control("POST", "projects/project-0/servers", {"count": 1}))
            peak = mib(pid, "VmHWM")
        rest = statistics.median(sampler.seen)
        same = refreshes(number, lambda: None)
        row(f"resident memory at {servers} servers, at rest", rest_reach, f"{rest:.1f} MiB")
        row(f"the same, peak over {number + 2} refreshes", peak_reach, f"{peak:.1f} MiB")
        row("processor time of a refresh with a new server, TLS included", "0.8 s at 50000", f"{changed:.3f} s")
        row("the same of a refresh that changes nothing", "", f"{same:.3f} s")


def measure_crowd(options, directory, servers):
    with contextlib.ExitStack() as running:
        simulator = running.enter_context(stack.Simulator(options.bin_dir, directory, "--servers", str(servers)))
        config = measure.config_at_rest(simulator, directory)
        exporter = running.enter_context(stack.Exporter(options.bin_dir, directory, "--config.file", config))
        exporter.await_ready()
        url = f"http://{exporter.address}/metrics"
        # What the first scrapes load stays.
        measure.wrk(url, stack.OPEN_METRICS, 2)
        time.sleep(INTERVAL_SECONDS)
        rest = mib(exporter.pid, "VmRSS")
        with Sampler(exporter.pid) as sampler:
            measure.wrk(url, stack.OPEN_METRICS, 10, connections=8)
        most = max(sampler.seen)
        row(
            f"growth at {servers} servers under 8 scraping connections", "5 %",
            f"{most / rest - 1:.1%}, from {rest:.1f} to {most:.1f} MiB",
        )  # fmt: skip


def thread_times(pid):
    """Nanoseconds on a processor by thread."""
    times = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            times[task.name] = int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return times


def part99(values):
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def measure_refresh(options, directory, servers):
    """Scrapes one after the other; which of them came during a refresh is told by the threads that do not serve."""
    with contextlib.ExitStack() as running:
        simulator = running.enter_context(stack.Simulator(options.bin_dir, directory, "--servers", str(servers)))
        config = stack.config_of(simulator, directory, FAST)
        exporter = running.enter_context(stack.Exporter(options.bin_dir, directory, "--config.file", config))
        exporter.await_ready()
        # The API is on another machine; here it must not take the place of a scrape.
        measure.put_last(simulator.pid)
        pid = exporter.pid
        connection = running.enter_context(contextlib.closing(http.client.HTTPConnection(*exporter.place, timeout=60)))
        connection.connect()
        head = "".join(f"{name}: {value}\r\n" for name, value in stack.OPEN_METRICS.items())
        request = f"GET /metrics HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode()
        buffer = memoryview(bytearray(16 * MIB))

        def scrape():
            connection.sock.sendall(request)
            received = connection.sock.recv_into(buffer)
            answer = bytes(buffer[:4096])
            size = answer.index(b"\r\n\r\n") + 4 + int(re.search(rb"Content-Length: (\d+)", answer).group(1))
            while received < size:
                received += connection.sock.recv_into(buffer[received:])

        before = thread_times(pid)
        for _ in range(50):
            scrape()
        after = thread_times(pid)
        server = max(after, key=lambda thread: after[thread] - before.get(thread, 0))

        seen = []  # when it began, how long it took, what the other threads had run until then
        ends = time.monotonic() + 2 * options.seconds
        next_change = 0
        while time.monotonic() < ends:
            if time.monotonic() > next_change:
                simulator.control("POST", "projects/project-0/servers", {"count": 1})
                next_change = time.monotonic() + INTERVAL_SECONDS
                continue
            started = time.monotonic()
            scrape()
            took = time.monotonic() - started
            others = sum(time_ns for thread, time_ns in thread_times(pid).items() if thread != server)
            seen.append((started, took, others))
            time.sleep(0.004)
    busy, quiet = [], []
    for i in range(2, len(seen) - 2):
        share = (seen[i + 2][2] - seen[i - 2][2]) / 1e9 / (seen[i + 2][0] - seen[i - 2][0])
        (busy if share > 0.2 else quiet).append(seen[i][1])
    row(
        f"p99 of a scrape while {servers} servers are refreshed, against the quiet one", "3x",
        f"{part99(busy) / part99(quiet):.2f}x: {part99(busy) * 1e3:.1f} ms of {len(busy)} scrapes, "
        f"quiet {part99(quiet) * 1e3:.1f} ms of {len(quiet)}; medians {statistics.median(busy) * 1e3:.1f} and "
        f"{statistics.median(quiet) * 1e3:.1f} ms",
    )  # fmt: skip


def measure_projects(options, directory, projects, servers):
    """Many projects and an API of 200 ms, all collectors as they are by default."""
    flags = ("--projects", str(projects), "--servers", str(servers))
    with stack.Simulator(options.bin_dir, directory, *flags) as simulator:
        simulator.control("POST", "faults", {"kind": "latency", "latency_ms": 200})
        config = stack.config_of(simulator, directory)
        with stack.Exporter(options.bin_dir, directory, "--config.file", config) as exporter:
            pid = exporter.pid

            def ages(collector):
                page = gzip.decompress(measure.raw_page(exporter.place, stack.OPEN_METRICS)).decode()
                name = "serverspace_collector_last_success_timestamp_seconds"
                times = re.findall(rf'^{name}{{project="[^"]*",collector="{collector}"}} (\S+)', page, re.M)
                return [time.time() - float(value) for value in times]

            def oldest_for(seconds, look=lambda: None):
                """The oldest data of the minute's collectors over that time; `look` is called as often."""
                end = time.monotonic() + seconds
                oldest = 0
                while time.monotonic() < end:
                    oldest = max(oldest, *ages("servers"), *ages("project"))
                    look()
                    time.sleep(4)
                return oldest

            def all_read():
                return len(ages("servers")) == len(ages("project")) == projects

            stack.await_condition("all servers read", all_read, seconds=300, pause=1)
            # Meanwhile the first runs of all other collectors wait in line for the API too.
            first = oldest_for(330)
            simulator.control("DELETE", "requests")
            started, cpu = time.monotonic(), cpu_seconds(pid)
            threads, rest = [], []
            oldest = oldest_for(2 * 60, lambda: (threads.append(status_of(pid, "Threads")), rest.append(mib(pid, "VmRSS"))))
            seconds = time.monotonic() - started
            cpu = cpu_seconds(pid) - cpu
            seen = simulator.control("GET", "requests")
            connections = seen["connections"]
            size = len(measure.raw_page(exporter.place, stack.OPEN_METRICS))
            peak = mib(pid, "VmHWM")
    row(
        f"{projects} projects of {servers} servers, API of 200 ms: oldest data", "72 s (1.2 intervals)",
        f"{oldest:.1f} s, in the first minutes {first:.1f} s",
    )  # fmt: skip
    row("the same, processor", "10 % of a core", f"{cpu / seconds:.2%} of a core")
    row("the same, threads", "64", str(max(threads)))
    row(
        "the same, connections to the API", "bounded, reused",
        f"{connections['open']} open, {connections['handshakes']} handshakes for {seen['total']} calls in {seconds:.0f} s, "
        f"at most {seen['in_flight']['max']} calls at once",
    )  # fmt: skip
    row("the same, API calls of a project", "", f"{seen['total'] / projects / seconds * 60:.2f} a minute")
    row("the same, memory", "", f"{statistics.median(rest):.1f} MiB at rest, peak {peak:.1f} MiB; page {size / MIB:.1f} MiB compressed")


def measure_flood(options, directory):
    with stack.Simulator(options.bin_dir, directory, "--projects", "20", "--servers", "1") as simulator:
        simulator.control("POST", "faults", {"kind": "huge_body", "route": "/servers", "bytes": 60 * MIB})
        simulator.control("POST", "faults", {"kind": "huge_body", "route": "/project", "bytes": 60 * MIB})
        config = stack.config_of(simulator, directory)
        with stack.Exporter(options.bin_dir, directory, "--config.file", config) as exporter:
            time.sleep(30)
            samples = exporter.samples()
            failed = sum_of(samples, r"serverspace_collector_errors_total")
            no_room = sum_of(samples, r'serverspace_api_requests_total.*code="no_room"')
            peak = mib(exporter.pid, "VmHWM")
    row("peak with 20 projects whose answers are 60 MiB, all at once", "", f"{peak:.1f} MiB; {failed:.0f} runs failed, {no_room:.0f} found no room")


PARTS = {
    "start": (measure_start,),
    "memory": (
        lambda *where: measure_memory(*where, 100, "16 MiB", ""),
        lambda *where: measure_memory(*where, 50_000, "150 MiB", "320 MiB"),
        lambda *where: measure_crowd(*where, 100),
        lambda *where: measure_crowd(*where, 50_000),
    ),
    "refresh": (lambda *where: measure_refresh(*where, 50_000),),
    "projects": (lambda *where: measure_projects(*where, 1_000, 20),),
    "flood": (measure_flood,),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir")
    parser.add_argument("parts", metavar="PART", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_intermixed_args()
    measure.before_other_work()
    print("| figure | reach | measured |\n| --- | --- | --- |")
    for part in options.parts or PARTS:
        for job in PARTS[part]:
            with stack.scratch() as directory:
                job(options, directory)


if __name__ == "__main__":
    main()
