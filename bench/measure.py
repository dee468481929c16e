"""What the measurements share: programs pinned to cores, their time and memory, wrk, and nginx with a page of ours.

Absolute times are of one machine in one minute; only figures of one run may be compared.
"""

import contextlib
import http.client
import os
import pathlib
import re
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e"))
import stack  # noqa: E402

# Server and load generator do not share a core.
SERVER_CORE, CLIENT_CORE = 0, 1
MIB = 1 << 20
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}


def before_other_work():
    """Lets this program and all that it starts run before what else the machine has to do, if that is allowed."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)


def status_of(pid, field):
    """A field of /proc/PID/status, such as VmRSS in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{field}:\s+(\d+)", file.read(), re.M).group(1))


def mib(pid, field):
    return status_of(pid, field) / 1024


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pin(pid, core):
    """All threads of a program, and those that it will start."""
    subprocess.run(["taskset", "-acp", str(core), str(pid)], check=True, capture_output=True)


def put_last(pid):
    """All threads of a program, and those that they will start, run when nothing that is measured wants to."""
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.setpriority(os.PRIO_PROCESS, int(thread.name), 19)


class Load:
    """What wrk found: seconds of the median and the 99th part, and answers by the second."""

    def __init__(self, text):
        assert "Non-2xx" not in text and "Socket errors" not in text, text
        self.median, self.p99 = (self._percentile(text, part) for part in ("50", "99"))
        requests, value, unit = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)\b", text).groups()
        self.requests = int(requests)
        self.rate = self.requests / (float(value) * UNITS[unit])

    @staticmethod
    def _percentile(text, part):
        value, unit = re.search(rf"^\s+{part}%\s+([\d.]+)(us|ms|s|m)\b", text, re.M).groups()
        return float(value) * UNITS[unit]


def wrk(url, headers, seconds, connections=1):
    arguments = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=120s"]
    for name, value in headers.items():
        arguments += ["-H", f"{name}: {value}"]
    return Load(subprocess.run([*arguments, "--latency", url], check=True, capture_output=True, text=True).stdout)


def raw_page(place, headers):
    """The body of /metrics as it comes, compressed or not."""
    connection = http.client.HTTPConnection(*place, timeout=300)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics", headers=headers)
        response = connection.getresponse()
        assert response.status == 200, response.status
        return response.read()


@contextlib.contextmanager
def nginx(directory, plain, compressed):
    """nginx with the page as a file and its gzip form beside it, as `gzip_static` wants them; its address and worker."""
    root = directory / "www"
    root.mkdir(exist_ok=True)
    (root / "metrics").write_bytes(plain)
    (root / "metrics.gz").write_bytes(compressed)
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
        children = pathlib.Path(f"/proc/{program.pid}/task/{program.pid}/children")
        worker = int(program.await_output("a worker", lambda: children.read_text(encoding="ascii").split())[0])
        pin(worker, SERVER_CORE)
        yield ("127.0.0.1", port), worker


def config_at_rest(simulator, directory, extra=""):
    """All projects of the simulator, each read once."""
    names = ("affinity_groups", "domains", "gateways", "kubernetes", "networks", "project", "servers", "ssh_keys", "vmware")
    intervals = " ".join(f"{name}: {{ interval: 1d }}," for name in names)
    return stack.config_of(simulator, directory, f"collectors: {{ {intervals} }}\n{extra}")
