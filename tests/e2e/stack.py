"""Starts the simulator and the exporter as real programs on loopback, for tests and measurements.

Standard library only. Every wait has an end and looks at a condition; nothing is assumed to be ready after a while.
"""

import contextlib
import gzip
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import time

PATIENCE_SECONDS = 60
# With its bcrypt hash, for web configurations.
PASSWORD = "correct horse"
PASSWORD_HASH = "$2b$10$nu2EZWgL/OY2WAI0TckQDum4d.4kcVF2vdWu4rev6L1cp5o3ZHymS"


def await_condition(what, condition, seconds=PATIENCE_SECONDS, pause=0.02):
    """Answers the first true value of `condition()`; fails with `what` if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(pause)


def clean_environment(variables=None):
    """Only what is given: a key in the caller's environment must not find its way into a test. And what sanitizers need."""
    sanitizers = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    return {"PATH": os.environ["PATH"], **sanitizers, **(variables or {})}


class Program:
    """A child process with its output in a file; ended with the block, however that ends."""

    def __init__(self, arguments, log, environment=None):
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                [str(a) for a in arguments], stdout=output, stderr=subprocess.STDOUT, env=clean_environment(environment)
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def stop(self, signal_number=signal.SIGTERM, seconds=10):
        """Ends the program and answers its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.process.args[0]} did not end within {seconds} s: {self.text()}")
        return self.process.returncode

    def text(self):
        return self.log.read_text(errors="replace")

    def await_output(self, what, look):
        """Answers the first true value of `look()`. Fails if the program ends before; it is killed if this fails."""

        def running():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.process.args[0]} ended with {self.process.returncode}: {self.text()}")
            return look()

        try:
            return await_condition(f"{what} of {self.process.args[0]}", running)
        except BaseException:
            # A constructor that fails has nobody else to end it.
            self.process.kill()
            self.process.wait()
            raise

    def await_file(self, path):
        return self.await_output(path.name, lambda: path.exists() and path.read_text().strip())


class Simulator(Program):
    def __init__(self, bin_dir, directory, *flags):
        self.directory = pathlib.Path(directory)
        self.ca_file = self.directory / "ca.pem"
        self.keys_dir = self.directory / "keys"
        port_file = self.directory / "simulator.port"
        port_file.unlink(missing_ok=True)
        super().__init__(
            [
                pathlib.Path(bin_dir) / "serverspace_simulator",
                "--port-file", port_file, "--ca-out", self.ca_file, "--keys-dir", self.keys_dir, *flags,
            ],
            self.directory / "simulator.log",
        )  # fmt: skip
        self.port = int(self.await_file(port_file).rpartition(":")[2])
        for key in self.keys():
            key.chmod(0o600)

    @property
    def base_url(self):
        return f"https://localhost:{self.port}"

    def keys(self):
        """The key files in the order of the projects."""
        return sorted(self.keys_dir.iterdir(), key=lambda path: int(re.search(r"\d+$", path.name).group()))

    def control(self, method, path, body=None):
        """A call of the control interface; answers the decoded JSON."""
        context = ssl.create_default_context(cafile=self.ca_file)
        connection = http.client.HTTPSConnection("localhost", self.port, context=context, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, "/_sim/" + path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            text = response.read()
            if response.status >= 300:
                raise AssertionError(f"{method} /_sim/{path}: {response.status} {text!r}")
            return json.loads(text) if text else None


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        raw = response.read()
        self.size_bytes = len(raw)
        if response.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        self.text = raw.decode()


OPEN_METRICS = {
    # What Prometheus 2.42 sends.
    "Accept": "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "Accept-Encoding": "gzip",
}


class Exporter(Program):
    """The exporter. `environment` says which project it watches; `flags` may have a configuration instead.

    `prefix` are words of a command that runs it.
    """

    def __init__(self, bin_dir, directory, *flags, environment=None, listen="127.0.0.1:0", prefix=()):
        self.directory = pathlib.Path(directory)
        port_file = self.directory / "exporter.port"
        port_file.unlink(missing_ok=True)
        super().__init__(
            [
                *prefix, pathlib.Path(bin_dir) / "serverspace_exporter",
                "--web.listen-address", listen, "--web.port-file", port_file, *flags,
            ],
            self.directory / "exporter.log",
            environment,
        )  # fmt: skip
        self.address = self.await_file(port_file)

    @property
    def place(self):
        """Host and port of the address."""
        host, _, port = self.address.rpartition(":")
        return host, int(port)

    def get(self, path="/metrics", headers=None):
        connection = http.client.HTTPConnection(*self.place, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            return Answer(connection.getresponse())

    def await_ready(self):
        await_condition("ready", lambda: self.get("/-/ready").status == 200)
        return self

    def await_first_runs(self):
        """Until each collector of each project has ended a run."""

        def all_ran():
            samples = self.samples()
            on = [s for s in samples if s.startswith("serverspace_collector_interval_seconds{")]
            return on and all(s.replace("interval_seconds", "success") in samples for s in on)

        await_condition("the first run of every collector", all_ran)

    def samples(self):
        return parse_samples(self.get().text)


def environment_of(simulator, project=0):
    """The environment with which the exporter watches one project of the simulator."""
    return {
        "SERVERSPACE_API_KEY_FILE": str(simulator.keys()[project]),
        "SERVERSPACE_HOST": simulator.base_url,
        "SERVERSPACE_CA_FILE": str(simulator.ca_file),
    }


def config_of(simulator, directory, extra=""):
    """A configuration file with all projects of the simulator, named as their key files."""
    lines = [f"api: {{ ca_file: {simulator.ca_file}, base_url: '{simulator.base_url}' }}", extra, "projects:"]
    lines += [f"  - {{ name: {key.name}, api_key_file: {key} }}" for key in simulator.keys()]
    path = pathlib.Path(directory) / "exporter.yml"
    path.write_text("\n".join(lines) + "\n")
    return path


def parse_samples(text):
    """`{series: value}` of an exposition, values as they are written."""
    samples = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            series, _, value = line.rpartition(" ")
            assert series not in samples, f"twice on one page: {series}"
            samples[series] = value
    return samples


@contextlib.contextmanager
def scratch():
    directory = tempfile.mkdtemp(prefix="serverspace-e2e-")
    try:
        yield pathlib.Path(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
