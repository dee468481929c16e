#!/usr/bin/env python3
"""The systemd unit: what systemd-analyze says of it, and its commands run as systemd would, against the simulator.

Nothing here needs a running systemd. What it gives a service is given by hand: another user, credentials, a directory for the
state, the notification socket, a passed socket.
"""

import contextlib
import http.client
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys

import stack

MOST_EXPOSURE = 1.1
SERVICE = "serverspace-exporter.service"
SOCKET = "serverspace-exporter.socket"
NOBODY = 65534
PROCESS_METRICS = 7


def settings(unit):
    """{name: [values]} of a unit file."""
    found = {}
    for line in unit.read_text().splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def analyze(*words):
    return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True)


def check_analysis(source, directory, program):
    # The paths are those of the package; here the program is where it was built.
    for name in (SERVICE, SOCKET):
        text = (source / "systemd" / name).read_text().replace("/usr/bin/serverspace_exporter", str(program))
        (directory / name).write_text(text)
    verified = analyze("verify", "--man=no", directory / SERVICE, directory / SOCKET)
    assert verified.returncode == 0, verified.stderr
    # An unknown key is a line on standard error and no failure.
    assert verified.stderr == "" and verified.stdout == "", verified.stderr + verified.stdout
    (directory / SERVICE).write_text((directory / SERVICE).read_text().replace("[Service]", "[Service]\nNoSuchKey=1"))
    assert "NoSuchKey" in analyze("verify", "--man=no", directory / SERVICE).stderr, "the check sees nothing"

    rated = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE * 10:.0f}", source / "systemd" / SERVICE)
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", rated.stdout)[1])
    print(f"exposure {exposure}")
    assert exposure <= MOST_EXPOSURE and rated.returncode == 0, rated.stdout


class Manager:
    """What systemd would be to the service."""

    def __init__(self, source, directory, program, simulator):
        self.unit = settings(source / "systemd" / SERVICE)
        self.program = program
        self.directory = directory
        self.user = NOBODY if os.geteuid() == 0 else os.geteuid()
        self.config = directory / "config.yml"
        self.config.write_text((source / "deploy/debian/config.yml").read_text())
        self.credentials = directory / "credentials"
        self.credentials.mkdir()
        for name, key in zip(("production", "staging"), simulator.keys()):
            self.credential(f"api-key_{name}", key.read_text())
        self.credentials.chmod(0o500)
        self.state = directory / "state"
        self.state.mkdir(mode=0o700)
        for path in (self.credentials, self.state):
            os.chown(path, self.user, -1)
        self.address = directory / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.address))
        self.address.chmod(0o777)
        self.socket.settimeout(stack.PATIENCE_SECONDS)
        self.environment = {
            **dict(item.split("=", 1) for item in self.unit["Environment"]),
            "SERVERSPACE_CONFIG_FILE": str(self.config),
            "SERVERSPACE_HOST": simulator.base_url,
            "SERVERSPACE_CA_FILE": str(simulator.ca_file),
            "CREDENTIALS_DIRECTORY": str(self.credentials),
            "STATE_DIRECTORY": str(self.state),
            "NOTIFY_SOCKET": str(self.address),
        }

    def credential(self, name, text):
        path = self.credentials / name
        path.write_text(text)
        path.chmod(0o400)
        os.chown(path, self.user, -1)

    def command(self, line, arguments):
        words = []
        for word in shlex.split(line):
            # systemd splits a variable that is a word of its own.
            words += arguments if word == "$ARGS" else [word]
        assert words[0] == "/usr/bin/serverspace_exporter", line
        words[0] = str(self.program)
        if os.geteuid() != 0:
            return words
        return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs",
                "--bounding-set=-all", "--inh-caps=-all", *words]  # fmt: skip

    def start(self, *arguments, **environment):
        (line,) = self.unit["ExecStart"]
        environment = {**self.environment, "WATCHDOG_USEC": "200000", **environment}
        # systemd names the process; WATCHDOG_PID could be known to no other, so a shell tells it.
        command = ["sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh", *self.command(line, list(arguments))]
        return stack.Program(command, self.directory / "service.log", environment)

    def reload(self, pid):
        (line,) = self.unit["ExecReload"]
        subprocess.run(shlex.split(line.replace("${MAINPID}", str(pid))), check=True)

    def heard(self):
        """The next message that is no sign of life, as {name: value}."""
        while True:
            message = dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())
            if message != {"WATCHDOG": "1"}:
                return message

    def await_watchdog(self):
        while self.socket.recv(4096) != b"WATCHDOG=1":
            pass


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=stack.PATIENCE_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return stack.Answer(connection.getresponse())


def check_service(manager, keys):
    port_file = manager.state / "port"
    arguments = ["--web.listen-address=127.0.0.1:0", f"--web.port-file={port_file}"]
    with manager.start(*arguments) as service:
        assert manager.heard() == {"READY": "1", "STATUS": "watching 2 projects"}
        # Ready means that it listens, so nothing is awaited here.
        port = int(port_file.read_text().rpartition(":")[2])
        assert get(port, "/-/healthy").status == 200
        manager.await_watchdog()
        stack.await_condition("ready", lambda: get(port, "/-/ready").status == 200)
        samples = stack.parse_samples(get(port, "/metrics").text)
        assert samples['serverspace_up{project="production"}'] == "1"
        assert samples['serverspace_up{project="staging"}'] == "1"
        assert samples["serverspace_exporter_state_persistent"] == "1"
        # Its own files in /proc are readable for it although nobody else of its user may look.
        process = [series for series in samples if series.startswith("process_")]
        assert len(process) == PROCESS_METRICS, process
        limits = pathlib.Path(f"/proc/{service.pid}/limits")
        if os.geteuid() == 0:
            assert re.search(r"(?m)^Max core file size +0 +0 ", limits.read_text())
            assert pathlib.Path(f"/proc/{service.pid}/stat").stat().st_uid == 0, "its memory can be read by its user"

        manager.reload(service.pid)
        reloading = manager.heard()
        assert reloading["RELOADING"] == "1" and int(reloading["MONOTONIC_USEC"]) > 0, reloading
        assert manager.heard() == {"READY": "1", "STATUS": "watching 2 projects"}
        manager.config.write_text("no_such_key: 1\n")
        manager.reload(service.pid)
        assert manager.heard()["RELOADING"] == "1"
        assert "refused" in manager.heard()["STATUS"]
        assert "no_such_key" in service.text()
        manager.config.write_text("")

        service.process.send_signal(signal.SIGTERM)
        assert manager.heard()["STOPPING"] == "1"
        assert service.stop() == 0
        text = service.text()
        assert not any(key in text for key in keys), "a key is in the log"
    state = manager.state / "state.json"
    assert state.exists() and state.stat().st_mode & 0o777 == 0o600


def check_one_key(manager):
    """With LoadCredential=api-key:FILE there is one project."""
    path = manager.credentials / "api-key"
    text = (manager.credentials / "api-key_production").read_text()
    for name in ("api-key_production", "api-key_staging"):
        (manager.credentials / name).unlink()
    manager.credential("api-key", text)
    assert path.exists()
    with manager.start("--web.listen-address=127.0.0.1:0") as service:
        assert manager.heard() == {"READY": "1", "STATUS": "watching 1 project"}
        assert service.stop() == 0
        assert manager.heard()["STOPPING"] == "1"


def check_passed_socket(manager, source):
    """As serverspace-exporter.socket has it: the port is there before the service."""
    unit = settings(source / "systemd" / SOCKET)
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    port = listener.getsockname()[1]
    early = socket.create_connection(("127.0.0.1", port))
    early.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    (line,) = manager.unit["ExecStart"]
    # Descriptor 3 for the process that the shell becomes.
    command = ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&0 </dev/null', "sh", *manager.command(line, [])]
    environment = stack.clean_environment(
        {**manager.environment, "LISTEN_FDNAMES": unit["FileDescriptorName"][0], "SERVERSPACE_WEB_SYSTEMD_SOCKET": "true"}
    )
    log = manager.directory / "activated.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(command, env=environment, stdin=listener.fileno(), stdout=output, stderr=output)
    try:
        early.settimeout(stack.PATIENCE_SECONDS)
        assert early.recv(4096).startswith(b"HTTP/1.1 200 "), "who came early is served late"
        assert manager.heard()["READY"] == "1"
        assert get(port, "/-/healthy").status == 200
        assert f"127.0.0.1:{port}" in log.read_text(), log.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert manager.heard()["STOPPING"] == "1"
        # The port outlives the service.
        socket.create_connection(("127.0.0.1", port)).close()
    finally:
        process.kill()
        process.wait()
        early.close()
        listener.close()

    with manager.start(SERVERSPACE_WEB_SYSTEMD_SOCKET="true") as service:
        assert service.process.wait(10) == 1
        assert "no socket was passed" in service.text(), service.text()


def main(source, build_dir):
    bin_dir = build_dir / "bin"
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, "--projects", "2") as simulator:
        # Its user must find the way.
        directory.chmod(0o755)
        simulator.ca_file.chmod(0o644)
        program = directory / "serverspace_exporter"
        program.write_bytes((bin_dir / "serverspace_exporter").read_bytes())
        program.chmod(0o755)
        check_analysis(source, directory, program)
        keys = [key.read_text().strip() for key in simulator.keys()]
        manager = Manager(source, directory, program, simulator)
        check_service(manager, keys)
        check_one_key(manager)
        check_passed_socket(manager, source)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    print("the unit is tight and its commands work")
