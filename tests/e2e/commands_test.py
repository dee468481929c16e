#!/usr/bin/env python3
"""The commands beside serving, as real programs: what they print, how they end, and that no key is in it.

commands_test.py BIN_DIR
"""

import concurrent.futures
import os
import pathlib
import re
import socket
import stat
import subprocess
import sys
import threading
import time

import stack

SECRET = re.compile(r"SIM-SECRET-")


class Commands:
    """Runs commands in a bare environment and looks at all they say."""

    def __init__(self, bin_dir, simulator):
        self.program = pathlib.Path(bin_dir) / "serverspace_exporter"
        self.simulator = simulator
        self.keys = [key.read_text().strip() for key in simulator.keys()]

    def run(self, *arguments, environment=None, seconds=60):
        result = subprocess.run(
            [str(self.program), *map(str, arguments)], env=stack.clean_environment(environment),
            text=True, capture_output=True, check=False, timeout=seconds,
        )  # fmt: skip
        for said in (result.stdout, result.stderr):
            assert not SECRET.search(said), said
            for key in self.keys:
                assert key not in said, f"a key was shown: {said}"
        return result

    def expect(self, status, *arguments, **options):
        result = self.run(*arguments, **options)
        assert result.returncode == status, f"{arguments}: {result.returncode}\n{result.stdout}{result.stderr}"
        return result


def lint(text):
    result = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    assert result.returncode == 0 and not result.stdout and not result.stderr, result.stdout + result.stderr


def check_help(commands):
    version = commands.expect(0, "--version")
    assert re.fullmatch(r"serverspace_exporter \S+ \(revision \S+, .+\)\n", version.stdout), version.stdout
    assert "check-balance" in commands.expect(0, "--help").stdout
    for command in ("check-config", "once", "check-balance", "healthcheck"):
        assert f"Usage: serverspace_exporter {command} " in commands.expect(0, command, "--help").stdout
    wrong = commands.expect(2, "once", "--nosuch")
    assert wrong.stdout == "" and "--nosuch" in wrong.stderr and "once --help" in wrong.stderr


def check_config(commands, simulator, directory):
    config = stack.config_of(simulator, directory, "collectors: { snapshots: { enabled: true, interval: 10m } }")
    simulator.control("DELETE", "requests")
    offline = commands.expect(0, "check-config", "--config.file", config, "--servers=20")
    assert simulator.control("GET", "requests")["total"] == 0, "offline means offline"
    host = simulator.base_url.removeprefix("https://")
    row = re.search(rf"^project-1 +{host} +20 assumed +([\d.]+) +(\d+)$", offline.stdout, re.M)
    assert row, offline.stdout

    online = commands.expect(0, "check-config", "--config.file", config, "--online")
    requests = simulator.control("GET", "requests")
    assert requests["total"] == 4, requests
    assert re.search(r"^project-1 +ok +[\d.]+ [A-Z]{3} +active +4$", online.stdout, re.M), online.stdout
    assert f"clock of {host}: as ours" in online.stdout
    assert re.search(rf"^project-1 +{host} +4 +[\d.]+ +\d+$", online.stdout, re.M), online.stdout

    # The estimate is near what the page then has.
    said = int(re.search(r"about (\d+) series", online.stdout)[1])
    with stack.Exporter(commands.program.parent, directory, "--config.file", config) as exporter:
        exporter.await_ready()
        attempt = "serverspace_collector_last_attempt_timestamp_seconds"
        stack.await_condition("all first runs", lambda: exporter.get().text.count(f"\n{attempt}{{") == 2 * 12)
        # What is told of the API itself follows a few seconds later.
        route = 'serverspace_api_requests_total{route="/servers/{id}/snapshots",code="200"} 8'
        stack.await_condition("the routes", lambda: route in exporter.get().text)
        served = len(exporter.samples())
    assert 0.75 * served < said < 1.25 * served, f"{said} series were foreseen, {served} are served"

    simulator.control("PATCH", "projects/project-1", {"key": "unauthorized"})
    refused = commands.expect(1, "check-config", "--config.file", config, "--online")
    assert re.search(r"^project-0 +ok ", refused.stdout, re.M), refused.stdout
    assert refused.stdout.startswith("1 of 2 projects could not be read"), refused.stdout
    assert re.search(r"^project-1 +auth: GET /project: HTTP 401", refused.stdout, re.M), refused.stdout
    simulator.control("PATCH", "projects/project-1", {"key": "valid"})

    untrusted = directory / "untrusted.yml"
    untrusted.write_text(config.read_text().replace(f"ca_file: {simulator.ca_file},", ""))
    result = commands.expect(1, "check-config", "--config.file", untrusted, "--online")
    assert re.search(r"^project-0 +tls: GET /project: ", result.stdout, re.M), result.stdout

    broken = directory / "broken.yml"
    broken.write_text(config.read_text().replace("interval: 10m", "interval: soon") + "unknown: 1\n")
    result = commands.expect(2, "check-config", "--config.file", broken)
    assert result.stdout == "" and len(result.stderr.splitlines()) == 2, result.stderr
    assert all(line.startswith(f"{broken}:") for line in result.stderr.splitlines()), result.stderr


def check_once(commands, simulator, directory):
    config = stack.config_of(simulator, directory)
    page = commands.expect(0, "once", "--config.file", config)
    assert page.stderr == "", page.stderr
    lint(page.stdout)
    samples = stack.parse_samples(page.stdout)
    assert samples['serverspace_up{project="project-0"}'] == "1"
    assert samples['serverspace_servers{project="project-1"}'] == "4"
    assert samples['serverspace_collector_success{project="project-1",collector="networks"}'] == "1"
    assert not [series for series in samples if series.startswith("process_")]

    output = directory / "textfile" / "serverspace.prom"
    output.parent.mkdir()
    written = commands.expect(0, "once", "--config.file", config, "--output", output)
    assert written.stdout == ""
    lint(output.read_text())
    assert stat.S_IMODE(output.stat().st_mode) == 0o644
    assert os.listdir(output.parent) == [output.name], "nothing else is left behind"

    # One project fails: the other one is whole, and the page says so.
    simulator.control("PATCH", "projects/project-1", {"key": "unauthorized"})
    failed = commands.expect(1, "once", "--config.file", config, "--output", output)
    assert "reason=auth" in failed.stderr and "project=project-1" in failed.stderr, failed.stderr
    samples = stack.parse_samples(output.read_text())
    assert samples['serverspace_up{project="project-0"}'] == "1"
    assert samples['serverspace_up{project="project-1"}'] == "0"
    assert 'serverspace_servers{project="project-1"}' not in samples
    lint(output.read_text())
    simulator.control("PATCH", "projects/project-1", {"key": "valid"})

    # A silent API costs no more than the limit, and the page still tells of it.
    simulator.control("POST", "faults", {"kind": "hang_headers"})
    started = time.monotonic()
    commands.expect(1, "once", "--config.file", config, "--output", output, "--timeout=2s", seconds=30)
    assert time.monotonic() - started < 10
    samples = stack.parse_samples(output.read_text())
    assert {samples[f'serverspace_up{{project="project-{i}"}}'] for i in (0, 1)} == {"0"}
    simulator.control("DELETE", "faults")

    nowhere = commands.expect(1, "once", "--config.file", config, "--output", directory / "no" / "x.prom")
    assert "cannot write the output" in nowhere.stderr


def check_output_that_fails(commands, simulator, directory):
    """Whoever cannot be told must see it by the status."""
    config = ("--config.file", stack.config_of(simulator, directory))
    balance = ("check-balance", *config, "--project=project-0")
    expected = {
        ("--help",): 1,
        ("--version",): 1,
        ("once", "--help"): 1,
        ("check-balance", "--help"): 3,
        ("check-config", *config): 1,
        ("check-config", "--online", *config): 1,
        ("once", *config): 1,
        (*balance, "--warning=-1000", "--critical=-1000"): 3,
        (*balance, "--warning=100000000", "--critical=10000000"): 3,
        ("check-balance", "--nosuch"): 3,
        ("healthcheck", "--url=http://127.0.0.1:1/"): 1,
    }
    for arguments, status in expected.items():
        for target in (">/dev/full", ">&-"):
            # The state of a shell whose own output is lost, as under cron.
            result = subprocess.run(
                ["sh", "-c", f'exec "$0" "$@" {target}', commands.program, *arguments],
                env=stack.clean_environment(), stderr=subprocess.PIPE, text=True, check=False, timeout=60,
            )  # fmt: skip
            assert result.returncode == status, (arguments, target, result)
            assert "cannot write to standard output: " in result.stderr, (arguments, target, result)


def check_closed_streams(commands, simulator, directory):
    """A file must not get what was meant for a stream that is closed."""
    config = stack.config_of(simulator, directory, f"state_file: {directory}/closed.json")
    output = directory / "closed.prom"
    subprocess.run(
        ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', commands.program, "once", "--config.file", config, "--output", output,
         "--log.level=debug"],
        env=stack.clean_environment(), check=True, timeout=60,
    )  # fmt: skip
    lint(output.read_text())
    assert not (directory / "closed.json.lock").read_bytes(), "the log went into a file of the state"


def check_once_is_atomic(commands, simulator, directory):
    """Whoever reads the file meanwhile sees a whole page each time."""
    config = stack.config_of(simulator, directory)
    output = directory / "atomic.prom"
    commands.expect(0, "once", "--config.file", config, "--output", output)
    seen, over = [], threading.Event()

    def read():
        while not over.is_set():
            seen.append(output.read_text())

    with concurrent.futures.ThreadPoolExecutor() as threads:
        reader = threads.submit(read)
        try:
            for _ in range(5):
                commands.expect(0, "once", "--config.file", config, "--output", output)
        finally:
            over.set()
        reader.result()
    assert len(seen) > 1, "nobody looked meanwhile"
    series = {frozenset(stack.parse_samples(text)) for text in set(seen)}
    names = [{line for line in page if not re.search(r"_bucket|code=", line)} for page in series]
    assert all(page == names[0] for page in names), "a page was cut"


def check_once_counts_on(commands, simulator, directory):
    """With a state file the totals go on from run to run."""
    state = directory / "once-state.json"
    config = stack.config_of(simulator, directory, f"state_file: {state}")
    series = re.compile(r'^serverspace_project_spend_total\{project="project-0",currency="\w+"\} (.*)$', re.M)

    def spend():
        return series.search(commands.expect(0, "once", "--config.file", config).stdout)[1]

    simulator.control("PATCH", "projects/project-0", {"balance": "100"})
    first = spend()
    assert first == "0", first
    simulator.control("PATCH", "projects/project-0", {"balance": "97.5"})
    assert spend() == "2.5"
    simulator.control("PATCH", "projects/project-0", {"balance": "97.25"})
    assert spend() == "2.75"


def check_balance(commands, simulator, directory):
    config = stack.config_of(simulator, directory)
    one = ("check-balance", "--config.file", config, "--project=project-0")

    def expect(status, line, balance, *flags):
        simulator.control("PATCH", "projects/project-0", {"balance": balance, "currency": "EUR"})
        simulator.control("DELETE", "requests")
        result = commands.expect(status, *one, *flags)
        assert result.stdout == line + "\n", result.stdout
        assert result.stderr == "", result.stderr
        assert simulator.control("GET", "requests")["total"] == 1

    limits = ("--warning", "50", "--critical", "10")
    expect(0, "BALANCE OK - 318.07 EUR | balance=318.07;50;10", "318.07", *limits)
    expect(0, "BALANCE OK - 50 EUR | balance=50;50;10", "50", *limits)
    expect(1, "BALANCE WARNING - 49.99 EUR | balance=49.99;50;10", "49.99", *limits)
    expect(2, "BALANCE CRITICAL - 9.99 EUR | balance=9.99;50;10", "9.99", *limits)
    expect(2, "BALANCE CRITICAL - -3.5 EUR | balance=-3.5;50;10", "-3.5", *limits)
    expect(0, "BALANCE OK - 0 EUR | balance=0;0;-10", "0", "--warning=0", "--critical=-10")
    expect(1, "BALANCE WARNING - -0.01 EUR | balance=-0.01;0;-10", "-0.01", "--warning", "0", "--critical", "-10")
    expect(2, "BALANCE CRITICAL - -10.01 EUR | balance=-10.01;0;-10", "-10.01", "--warning", "0", "--critical", "-10")
    expect(3, "BALANCE UNKNOWN - no threshold: give --warning and --critical", "5")

    def unknown(part, *arguments, **options):
        result = commands.expect(3, *arguments, **options)
        assert result.stdout.startswith("BALANCE UNKNOWN - ") and result.stdout.count("\n") == 1, result.stdout
        assert part in result.stdout and "|" not in result.stdout, result.stdout

    simulator.control("PATCH", "projects/project-0", {"key": "unauthorized"})
    unknown("auth: GET /project: HTTP 401", *one, *limits)
    # Another project's key is none of this one's business.
    broken = directory / "other-key.yml"
    broken.write_text(config.read_text().replace(str(simulator.keys()[1]), "/nonexistent/key"))
    commands.expect(2, "check-config", "--config.file", broken)
    simulator.control("PATCH", "projects/project-0", {"key": "valid"})
    commands.expect(0, "check-balance", "--config.file", broken, "--project=project-0", "--warning=-9", "--critical=-9")
    unknown("/nonexistent/key", "check-balance", "--config.file", broken, "--project=project-1", *limits)
    simulator.control("PATCH", "projects/project-0", {"key": "valid"})
    unknown("several projects", "check-balance", "--config.file", config, *limits)
    unknown("no project", "check-balance", "--config.file", config, "--project=nosuch", *limits)
    unknown("--nosuch", *one, "--nosuch")
    unknown("no/such.yml", "check-balance", "--config.file", directory / "no" / "such.yml", *limits)
    unknown("there is no project", "check-balance", *limits)
    unreachable = {**stack.environment_of(simulator), "SERVERSPACE_HOST": f"https://localhost:{free_port()}"}
    unknown("network: GET /project: ", "check-balance", *limits, environment=unreachable)
    simulator.control("POST", "faults", {"kind": "hang_headers"})
    started = time.monotonic()
    unknown("timeout: GET /project: ", *one, *limits, seconds=30)
    assert 5 < time.monotonic() - started < 15, "10 s in all"
    simulator.control("DELETE", "faults")
    simulator.control("PATCH", "projects/project-0", {"balance": "20"})
    by_variable = {**stack.environment_of(simulator), "SERVERSPACE_BALANCE_WARNING": "25"}
    assert commands.expect(1, "check-balance", environment=by_variable).stdout.endswith("| balance=20;25;\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_health(commands, simulator, bin_dir, directory):
    with stack.Exporter(bin_dir, directory, environment=stack.environment_of(simulator)) as exporter:
        assert commands.expect(0, "healthcheck", f"--web.listen-address={exporter.address}").stdout == "healthy\n"
        variable = {"SERVERSPACE_WEB_LISTEN_ADDRESS": exporter.address}
        commands.expect(0, "healthcheck", environment=variable)
        # The exporter's own arguments may stand before the command, as in a container with an entry point.
        commands.expect(0, f"--web.listen-address={exporter.address}", "--no-collector.networks", "healthcheck")
        commands.expect(0, "healthcheck", f"--url=http://{exporter.address}/-/healthy")
        missing = commands.expect(1, "healthcheck", f"--url=http://{exporter.address}/nosuch")
        assert "HTTP 404" in missing.stdout
        assert exporter.stop() == 0
        assert "no answer" in commands.expect(1, "healthcheck", environment=variable).stdout
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        commands.expect(1, "healthcheck", f"--url=http://127.0.0.1:{silent.getsockname()[1]}/")
        assert 3 < time.monotonic() - started < 10, "5 s in all"
    commands.expect(2, "healthcheck", "--url=ftp://localhost/")
    commands.expect(2, "healthcheck", "--web.listen-address=nowhere")


def check_start_up_line(simulator, bin_dir, directory):
    with stack.Exporter(
        bin_dir, directory, "--log.format=json", environment=stack.environment_of(simulator)
    ) as exporter:
        exporter.await_ready()
        assert exporter.stop() == 0
        line = next(line for line in exporter.text().splitlines() if '"msg":"serving"' in line)
    for part in (
        '"version":"', f'"addresses":"{exporter.address}"', '"projects":1', '"collectors":"', '"api_hosts":"localhost:',
        '"state":"memory"',
    ):  # fmt: skip
        assert part in line, line


def check_completion(docs):
    script = f"""
source {docs}/completion/serverspace_exporter.bash
complete_words() {{
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  _serverspace_exporter 2>/dev/null
  echo "${{COMPREPLY[*]}}"
}}
complete_words serverspace_exporter check
complete_words serverspace_exporter once --out
complete_words serverspace_exporter --log.format = j
complete_words serverspace_exporter --log.level ''
complete_words serverspace_exporter --no-collector.ne
"""
    result = subprocess.run(["bash", "-c", script], text=True, capture_output=True, check=True)
    assert result.stdout.splitlines() == [
        "check-config check-balance", "--output=", "json", "debug info warn error", "--no-collector.networks",
    ], result.stdout  # fmt: skip


def main(bin_dir):
    check_completion(pathlib.Path(__file__).resolve().parents[2] / "docs")
    with stack.scratch() as directory:
        flags = ("--seed", "7", "--projects", "2", "--servers", "4")
        with stack.Simulator(bin_dir, directory, *flags) as simulator:
            commands = Commands(bin_dir, simulator)
            check_help(commands)
            check_config(commands, simulator, directory)
            check_once(commands, simulator, directory)
            check_output_that_fails(commands, simulator, directory)
            check_closed_streams(commands, simulator, directory)
            check_once_is_atomic(commands, simulator, directory)
            check_once_counts_on(commands, simulator, directory)
            check_balance(commands, simulator, directory)
            check_health(commands, simulator, bin_dir, directory)
            check_start_up_line(simulator, bin_dir, directory)


if __name__ == "__main__":
    main(sys.argv[1])
    print("the commands do what they should")
