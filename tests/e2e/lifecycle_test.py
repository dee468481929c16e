#!/usr/bin/env python3
"""The exporter ends in time wherever the API hangs, keeps to its descriptors, and shows its memory to nobody.

With the real program; each hang is seen to be there before the signal comes.
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import sys
import time

import stack

MOST_SECONDS = 5
ONE_COLLECTOR = ["--collector.project.interval=10s", "--collector.servers.interval=10s"]


def start(bin_dir, directory, environment, *prefix):
    return stack.Exporter(bin_dir, directory, *ONE_COLLECTOR, environment=environment, prefix=prefix)


def end(program, what):
    """Asks it to end while peers of its own hang too, and measures."""
    with contextlib.ExitStack() as peers:
        idle = peers.enter_context(socket.create_connection(program.place))
        half = peers.enter_context(socket.create_connection(program.place))
        half.sendall(b"GET /metrics HTT")
        deaf = peers.enter_context(socket.create_connection(program.place))
        deaf.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
        begin = time.monotonic()
        status = program.stop(seconds=4 * MOST_SECONDS)
        took = time.monotonic() - begin
        # A reset, if it was not even accepted.
        with contextlib.suppress(ConnectionResetError):
            assert idle.recv(1) == b"", "an idle connection is ended"
    print(f"{what}: ended after {took:.2f} s")
    assert status == 0, f"{what}: status {status}: {program.text()}"
    assert took < MOST_SECONDS, f"{what}: {took:.1f} s"


def check_simulated(bin_dir, directory, simulator, kind):
    """The faults that the simulator knows."""
    simulator.control("PUT", "faults", {"kind": kind, **({"bytes_per_second": 1} if kind == "drip_all" else {})})
    with start(bin_dir, directory, stack.environment_of(simulator)) as program:
        stack.await_condition(kind, lambda: simulator.control("GET", "faults")["faults"][0]["hits"] > 0)
        end(program, kind)
    simulator.control("DELETE", "faults")


def sockets(pid, port, state):
    """How many TCP sockets in this state a process's network has to this port."""
    count = 0
    for family in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{family}").read_text().splitlines()[1:]:
            words = line.split()
            count += int(words[2].rpartition(":")[2], 16) == port and words[3] == state
    return count


def check_connect(bin_dir, directory, simulator):
    """A port whose queue is full takes no connection and refuses none."""
    with socket.socket() as full, contextlib.ExitStack() as fillers:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        for _ in range(4):
            filler = fillers.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        environment = {**stack.environment_of(simulator), "SERVERSPACE_HOST": f"https://127.0.0.1:{port}"}
        with start(bin_dir, directory, environment) as program:
            # Those of the fillers that wait are in the same list.
            waiting = sockets(program.pid, port, "02")
            stack.await_condition("connect", lambda: sockets(program.pid, port, "02") > waiting or waiting > 4)
            end(program, "connect")


def check_silence(bin_dir, directory, simulator, what, settings, first_bytes):
    """Somebody who takes the connection and the first words and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(stack.PATIENCE_SECONDS)
        environment = {**stack.environment_of(simulator), **settings(f"127.0.0.1:{server.getsockname()[1]}")}
        with start(bin_dir, directory, environment) as program:
            accepted, _ = server.accept()
            with accepted:
                assert accepted.recv(4096).startswith(first_bytes)
                end(program, what)


def check_dns(bin_dir, directory, simulator):
    """A name server that takes questions and answers none, in a resolv.conf of the program's own."""
    if os.geteuid() != 0:
        print("resolve: left out, a private resolv.conf takes root; a unit test has it too")
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.9.9.9", 53))
        server.settimeout(stack.PATIENCE_SECONDS)
        conf = directory / "resolv.conf"
        conf.write_text("nameserver 127.9.9.9\noptions timeout:30 attempts:5\n")
        hosts = directory / "nsswitch.conf"
        hosts.write_text("passwd: files\ngroup: files\nhosts: files dns\n")
        script = 'mount --bind "$1" /etc/resolv.conf && mount --bind "$2" /etc/nsswitch.conf && shift 2 && exec "$@"'
        environment = {**stack.environment_of(simulator), "SERVERSPACE_HOST": "https://api.example.com"}
        prefix = ["unshare", "--mount", "sh", "-c", script, "sh", conf, hosts]
        with start(bin_dir, directory, environment, *prefix) as program:
            question, _ = server.recvfrom(512)
            assert b"\x03api\x07example\x03com" in question, question
            end(program, "resolve")


def check_descriptors(bin_dir, directory, simulator):
    """With few descriptors, peers that hold connections take none from the API and from a good client."""
    limit, reserve, peers = 128, 64, 150
    prefix = ["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh"]
    with contextlib.ExitStack() as held, start(bin_dir, directory, stack.environment_of(simulator), *prefix) as program:
        for _ in range(peers):
            held.enter_context(socket.create_connection(program.place))
        up = 'serverspace_up{project="default"}'
        stack.await_condition("a first read", lambda: up in program.samples())
        first = program.samples()
        assert first[up] == "1", program.text()
        assert int(first["process_max_fds"]) == limit
        assert int(first["process_open_fds"]) <= limit
        # It asks again, on a new connection if need be, while they all are there.
        simulator.control("POST", "connections/close-idle")
        attempt = 'serverspace_collector_last_success_timestamp_seconds{project="default",collector="project"}'
        stack.await_condition("a second read", lambda: float(program.samples()[attempt]) > float(first[attempt]))
        open_now = "serverspace_exporter_http_connections"
        connections = [value for name, value in program.samples().items() if name.startswith(open_now)]
        assert connections
        assert sum(map(float, connections)) <= limit - reserve, connections
        assert program.stop() == 0


def check_no_core(bin_dir, directory, simulator):
    """What ends a program with a dump of its memory elsewhere leaves none here."""
    with start(bin_dir, directory, stack.environment_of(simulator)) as program:
        assert re.search(r"(?m)^Max core file size +0 +0 ", pathlib.Path(f"/proc/{program.pid}/limits").read_text())
        os.kill(program.pid, signal.SIGABRT)
        status = os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        assert status.si_code == os.CLD_KILLED, "killed, not dumped"
        program.process.wait()


def main(bin_dir):
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory) as simulator:
        for kind in ("hang_headers", "hang_body", "drip_all"):
            check_simulated(bin_dir, directory, simulator, kind)
        check_connect(bin_dir, directory, simulator)
        check_silence(bin_dir, directory, simulator, "handshake", lambda a: {"SERVERSPACE_HOST": f"https://{a}"}, b"\x16\x03")
        check_silence(bin_dir, directory, simulator, "proxy", lambda a: {"HTTPS_PROXY": f"http://{a}"}, b"CONNECT localhost:")
        check_dns(bin_dir, directory, simulator)
        check_descriptors(bin_dir, directory, simulator)
        check_no_core(bin_dir, directory, simulator)


if __name__ == "__main__":
    main(sys.argv[1])
    print("it ends in time, whatever hangs")
