#!/usr/bin/env python3
"""Attacks the exporter as a program, plain and with TLS and passwords, and tells what it cost the scrapes and the machine.

attack.py BIN_DIR [--seconds N] [--servers N]

For each attack: the times of good scrapes meanwhile, the processor time and what memory grew by. The bounds are those of the
product; the status is 1 if one is exceeded. Times are of this machine in this minute: let it be idle. Needs openssl.
"""

import argparse
import base64
import collections
import contextlib
import http.client
import pathlib
import re
import resource
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e"))
import stack  # noqa: E402
import web_test  # noqa: E402
from measure import cpu_seconds, status_of  # noqa: E402

MAX_SCRAPE_SECONDS = 0.05
MAX_IDLE_CPU_RATIO = 0.01
MAX_GROWTH_MIB = 8
CONNECTIONS = 2500


class Target:
    """A running exporter as attackers and good clients see it."""

    def __init__(self, exporter, context):
        self.exporter, self.context, self.place = exporter, context, exporter.place
        self.authorization = "Basic " + base64.b64encode(f"alice:{web_test.PASSWORD}".encode()).decode()

    def connect(self, raw=False, receive_buffer=None):
        plain = socket.socket()
        plain.settimeout(20)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.connect(self.place)
        return plain if raw or self.context is None else self.context.wrap_socket(plain, server_hostname=self.place[0])

    def request(self, path="/metrics", authorization=None):
        return (
            f"GET {path} HTTP/1.1\r\nHost: exporter\r\nAccept-Encoding: gzip\r\n"
            f"Authorization: {authorization or self.authorization}\r\n\r\n"
        ).encode()

    def client(self):
        if self.context is None:
            return http.client.HTTPConnection(*self.place, timeout=20)
        return http.client.HTTPSConnection(*self.place, timeout=20, context=self.context)

    def scrape(self, connection):
        begin = time.perf_counter()
        connection.request("GET", "/metrics", headers={"Authorization": self.authorization, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200 and body, answer.status
        return time.perf_counter() - begin

    def rss_mib(self):
        return status_of(self.exporter.pid, "VmRSS") / 1024

    def rejected(self):
        with contextlib.closing(self.client()) as connection:
            connection.request("GET", "/metrics", headers={"Authorization": self.authorization})
            text = connection.getresponse().read().decode()
        return {r: int(v) for r, v in re.findall(r'http_rejected_total\{reason="(\w+)"\} (\d+)', text)}


def measure(target, attack, seconds):
    """Scrapes once in 50 ms, by turns on one kept connection and on new ones, while `attack` is on."""
    rss = target.rss_mib()
    scrapes = []
    with contextlib.ExitStack() as held:
        step = attack(target, held)
        # First without scrapes: what the attack alone costs.
        begin, cpu = time.monotonic(), cpu_seconds(target.exporter.pid)
        while time.monotonic() < begin + seconds:
            if step is not None:
                step()
            time.sleep(0.05)
        alone = (cpu_seconds(target.exporter.pid) - cpu) / (time.monotonic() - begin)
        kept = held.enter_context(contextlib.closing(target.client()))
        begin = time.monotonic()
        while time.monotonic() < begin + seconds:
            if step is not None:
                step()
            scrapes.append(target.scrape(kept))
            with contextlib.closing(target.client()) as fresh:
                scrapes.append(target.scrape(fresh))
            time.sleep(0.05)
        growth = max(0.0, target.rss_mib() - rss)
    return scrapes, alone, growth


def nothing(target, held):
    return None


def hold(count, make):
    def attack(target, held):
        for _ in range(count):
            held.enter_context(contextlib.closing(make(target)))
        return None

    return attack


def silent(target):
    return target.connect(raw=True)


def idle(target):
    connection = target.connect()
    connection.sendall(target.request("/-/healthy"))
    connection.recv(65536)
    return connection


def not_reading(target):
    connection = target.connect(receive_buffer=4096)
    connection.sendall(target.request() * 20)
    return connection


def half_open(target):
    connection = target.connect(raw=True)
    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
    return connection


def trickling(target, held):
    """200 that send a byte of a header now and then; who is cut off comes back."""
    peers = []

    def come():
        connection = held.enter_context(contextlib.closing(target.connect()))
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        return connection

    peers.extend(come() for _ in range(200))
    state = {"next": 0}

    def step():
        for _ in range(20):
            i = state["next"] = (state["next"] + 1) % len(peers)
            try:
                peers[i].sendall(b"x")
            except OSError:
                peers[i] = come()

    return step


def flood(first, part):
    """Sends until it is cut off, again and again."""

    def attack(target, held):
        def step():
            with contextlib.suppress(OSError), contextlib.closing(target.connect()) as connection:
                connection.settimeout(1)
                connection.sendall(first)
                for _ in range(1000):
                    connection.sendall(part)

        return step

    return attack


def guessing(target, held):
    """16 that try one password after the other as fast as they are answered."""
    stop = threading.Event()
    answers = []

    def guess(number):
        connection = None
        i = 0
        while not stop.is_set():
            i += 1
            try:
                connection = connection or target.connect()
                code = base64.b64encode(f"alice:{number} {i}".encode()).decode()
                connection.sendall(target.request("/metrics", "Basic " + code))
                answers.append(connection.recv(65536)[9:12])
            except OSError:
                connection = None

    threads = [threading.Thread(target=guess, args=(i,), daemon=True) for i in range(16)]
    for thread in threads:
        thread.start()

    def end():
        stop.set()
        for thread in threads:
            thread.join()
        # Of a password that is wrong, or of too many that wait to be looked at; nothing when a connection was ended.
        assert b"401" in answers and set(answers) <= {b"401", b"503", b""}, collections.Counter(answers)

    held.callback(end)
    return None


ATTACKS = [
    ("none", nothing, {}),
    ("200 silent", hold(200, silent), {"cpu": MAX_IDLE_CPU_RATIO}),
    ("200 idle", hold(200, idle), {"cpu": MAX_IDLE_CPU_RATIO, "growth": 16}),
    ("200 trickling", trickling, {"growth": 16}),
    ("200 not reading", hold(200, not_reading), {"cpu": MAX_IDLE_CPU_RATIO, "growth": 16}),
    ("2000 idle", hold(2000, idle), {"cpu": MAX_IDLE_CPU_RATIO, "growth": 160}),
    ("endless header line", flood(b"GET / HTTP/1.1\r\nX: ", b"x" * 16384), {}),
    ("100 000 headers", flood(b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 1000), {}),
    ("chunked flood", flood(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                            b"4000\r\n" + b"x" * 16384 + b"\r\n"), {}),
]  # fmt: skip
ATTACKS_ON_TLS = [
    ("200 half-open handshakes", hold(200, half_open), {"cpu": MAX_IDLE_CPU_RATIO}),
    ("16 guess passwords", guessing, {}),
]


def run(name, target, attacks, seconds):
    print(f"\n{name}\n{'attack':26} {'median':>8} {'p99':>8} {'most':>8} {'alone':>8} {'memory':>9}")
    exceeded = []
    with contextlib.closing(target.client()) as connection:
        target.scrape(connection)
    for attack, make, bounds in attacks:
        scrapes, alone, growth = measure(target, make, seconds)
        p99 = statistics.quantiles(scrapes, n=100, method="inclusive")[98]
        print(
            f"{attack:26} {statistics.median(scrapes) * 1e3:6.1f}ms {p99 * 1e3:6.1f}ms {max(scrapes) * 1e3:6.1f}ms"
            f" {alone:7.2%} {growth:+5.1f} MiB",
            flush=True,
        )
        if p99 > MAX_SCRAPE_SECONDS:
            exceeded.append(f"{name}, {attack}: a scrape took {p99 * 1e3:.1f} ms")
        if alone > bounds.get("cpu", 1):
            exceeded.append(f"{name}, {attack}: {alone:.2%} of a core")
        if growth > bounds.get("growth", MAX_GROWTH_MIB):
            exceeded.append(f"{name}, {attack}: memory grew by {growth:.1f} MiB")
    print("turned away:", ", ".join(f"{r} {v}" for r, v in target.rejected().items() if v))
    return exceeded


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--servers", type=int, default=1000)
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 3 * CONNECTIONS), most))

    with contextlib.ExitStack() as programs:
        directory = programs.enter_context(stack.scratch())
        simulator = programs.enter_context(
            stack.Simulator(arguments.bin_dir, directory, "--servers", str(arguments.servers))
        )
        environment = stack.environment_of(simulator)
        authority = web_test.Authority(directory, "authority")
        authority.issue(directory / "server.pem", directory / "server.key")
        web_test.web_config(directory / "web.yml", {"alice": web_test.HASH})
        flags = [f"--web.max-connections={CONNECTIONS}"]
        (directory / "plain").mkdir()
        plain = programs.enter_context(
            stack.Exporter(arguments.bin_dir, directory / "plain", *flags, environment=environment)
        )
        secure = programs.enter_context(
            web_test.SecureExporter(
                arguments.bin_dir, directory, authority, *flags, f"--web.config.file={directory / 'web.yml'}",
                environment=environment,
            )  # fmt: skip
        )
        plain.await_ready()
        secure.await_ready()
        exceeded = run("plain HTTP", Target(plain, None), ATTACKS, arguments.seconds)
        exceeded += run("TLS and passwords", Target(secure, secure.context), ATTACKS + ATTACKS_ON_TLS, arguments.seconds)
    for line in exceeded:
        print("exceeded:", line)
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
