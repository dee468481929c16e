#!/usr/bin/env python3
"""Measures the main job as a user has it: the real programs on loopback, against nginx with the same bytes.

main_job.py BIN_DIR [--rounds N] [--minutes N]

Prints medians of interleaved rounds and their ratios. Needs wrk and nginx (Debian: wrk, nginx-light). Absolute times are of
this machine in this minute; only figures of one run may be compared.
"""

import argparse
import contextlib
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e"))
import stack  # noqa: E402

WRK_SECONDS = 3


def status_of(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{field}:\s+(\d+)", file.read(), re.M).group(1))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pin(pid, core):
    """Server and load generator do not share a core, and no run is moved about."""
    subprocess.run(["taskset", "-acp", str(core), str(pid)], check=True, capture_output=True)


def wrk(url, headers):
    """Median latency in seconds of one kept-alive connection."""
    arguments = ["taskset", "-c", "1", "wrk", "-t1", "-c1", f"-d{WRK_SECONDS}s", "--latency"]
    for name, value in headers.items():
        arguments += ["-H", f"{name}: {value}"]
    text = subprocess.run([*arguments, url], check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in text and "Socket errors" not in text, text
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)\b", text).groups()
    return float(value) * {"us": 1e-6, "ms": 1e-3, "s": 1}[unit]


@contextlib.contextmanager
def nginx(directory, page):
    """nginx with the page as a file and its gzip form beside it, as `gzip_static` wants them."""
    root = directory / "www"
    root.mkdir(exist_ok=True)
    (root / "metrics").write_text("only the compressed form is asked for")
    (root / "metrics.gz").write_bytes(page)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    temporary = " ".join(
        f"{kind}_temp_path {directory}/t;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = directory / "nginx.conf"
    configuration.write_text(
        # Otherwise a worker of root's nginx may not read our directory.
        f"{'user root; ' if os.geteuid() == 0 else ''}daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log stderr;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {root}; gzip_static on; }} }}\n"
    )
    with stack.Program(["/usr/sbin/nginx", "-c", configuration], directory / "nginx.log") as program:

        def listening():
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0

        program.await_output("a connection", listening)
        children = f"/proc/{program.pid}/task/{program.pid}/children"
        for child in pathlib.Path(children).read_text(encoding="ascii").split():
            pin(child, 0)
        yield f"http://127.0.0.1:{port}/metrics"


def raw_page(exporter):
    with socket.create_connection(exporter.place) as connection:
        head = "".join(f"{name}: {value}\r\n" for name, value in stack.OPEN_METRICS.items())
        connection.sendall(f"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n".encode())
        data = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    return data.partition(b"\r\n\r\n")[2]


def measure_small(bin_dir, directory, minutes):
    with stack.Simulator(bin_dir, directory, "--servers", "100") as simulator:
        api_seconds = []
        for _ in range(5):
            started = time.monotonic()
            with stack.Exporter(bin_dir, directory, environment=stack.environment_of(simulator)) as exporter:
                exporter.await_ready()
                api_seconds.append(time.monotonic() - started)
        print(f"start to ready, one project with 100 servers: {statistics.median(api_seconds) * 1000:.0f} ms (median of 5)")
        with stack.Exporter(bin_dir, directory, environment=stack.environment_of(simulator)) as exporter:
            exporter.await_ready()
            simulator.control("DELETE", "requests")
            started, cpu = time.monotonic(), cpu_seconds(exporter.pid)
            peak = 0
            while time.monotonic() - started < minutes * 60:
                exporter.get(headers=stack.OPEN_METRICS)
                peak = max(peak, status_of(exporter.pid, "VmRSS"))
                time.sleep(1)
            seconds = time.monotonic() - started
            calls = simulator.control("GET", "requests")["total"]
            print(
                f"  over {seconds:.0f} s at a scrape a second: RSS at most {peak / 1024:.1f} MiB, "
                f"{status_of(exporter.pid, 'Threads')} threads, {calls / seconds * 60:.2f} API calls a minute, "
                f"{(cpu_seconds(exporter.pid) - cpu) / seconds * 100:.2f} % of a core"
            )


def measure_scrape(bin_dir, directory, servers, rounds):
    flags = ("--servers", str(servers))
    with stack.Simulator(bin_dir, directory, *flags) as simulator:
        with stack.Exporter(bin_dir, directory, environment=stack.environment_of(simulator)) as exporter:
            exporter.await_ready()
            simulator.stop()
            pin(exporter.pid, 0)
            page = raw_page(exporter)
            headers = dict(stack.OPEN_METRICS)
            url = f"http://{exporter.address}/metrics"
            with nginx(directory, page) as nginx_url, contextlib.ExitStack() as idle:
                ours, theirs, crowded = [], [], []
                for _ in range(rounds):
                    theirs.append(wrk(nginx_url, headers))
                    ours.append(wrk(url, headers))
                for _ in range(200):
                    idle.enter_context(socket.create_connection(exporter.place))
                for _ in range(rounds):
                    crowded.append(wrk(url, headers))
                ours_s, theirs_s, crowded_s = (statistics.median(x) for x in (ours, theirs, crowded))
                print(
                    f"gzip scrape at {servers} servers ({len(page)} bytes): {ours_s * 1e6:.0f} us, nginx gzip_static "
                    f"{theirs_s * 1e6:.0f} us, ratio {ours_s / theirs_s:.2f}; with 200 idle connections {crowded_s * 1e6:.0f} us, "
                    f"ratio to without {crowded_s / ours_s:.2f} (medians of {rounds} rounds of {WRK_SECONDS} s)"
                )


def measure_hang(bin_dir, directory, seconds):
    """How late the reads of nine projects come while the tenth hangs, against when it does not."""
    intervals = "collectors: { project: { interval: 10s }, servers: { interval: 10s } }"
    for hangs in (False, True):
        with stack.Simulator(bin_dir, directory, "--projects", "10") as simulator:
            config = stack.config_of(simulator, directory, intervals)
            if hangs:
                simulator.control("POST", "faults", {"kind": "hang_headers", "project": "project-0"})
            with stack.Exporter(bin_dir, directory, "--config.file", config) as exporter:
                ages = []
                started = time.monotonic()
                while time.monotonic() - started < seconds:
                    samples = exporter.samples()
                    for series, value in samples.items():
                        if series.startswith("serverspace_collector_last_success") and '"project-0"' not in series:
                            ages.append(time.time() - float(value))
                    time.sleep(0.5)
                print(
                    f"ages of the other nine projects' data, 10 s interval, one project {'hanging' if hangs else 'well   '}: "
                    f"median {statistics.median(ages):.2f} s, at most {max(ages):.2f} s"
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=3)
    options = parser.parse_args()
    for measure in (
        lambda directory: measure_small(options.bin_dir, directory, options.minutes),
        lambda directory: measure_scrape(options.bin_dir, directory, 1000, options.rounds),
        lambda directory: measure_scrape(options.bin_dir, directory, 10000, options.rounds),
        lambda directory: measure_hang(options.bin_dir, directory, options.minutes * 30),
    ):
        with stack.scratch() as directory:
            measure(directory)


if __name__ == "__main__":
    main()
