#!/usr/bin/env python3
"""Every fault, at the start, in steady state and in the recovery from it, with the real programs over real HTTPS.

fault_matrix_test.py BIN_DIR [--update]   --update writes the table into docs/reliability.md instead of comparing it

Each fault of the API has a project of its own, and two exporters watch them all side by side: one that was well before all
faults begin at the same moment, and one that starts while they last. Then all faults end, for one collector first where it
can be. What befalls the process itself (disk, descriptors, clocks) happens to exporters of its own meanwhile. As root it runs
in a mount namespace of its own; without root, what takes a file system or a resolver of its own is left out.
"""

import concurrent.futures
import contextlib
import decimal
import glob
import http.client
import json
import os
import pathlib
import re
import resource
import ssl
import subprocess
import sys
import time
import traceback

import fault_gate
import stack
from authority import Authority

INTERVAL_SECONDS = 10
# Of one attempt: four fit into a run of 8 s if they fail at once, and two if they hang.
TIMEOUT_SECONDS = 3
RETRY_AFTER_SECONDS = 8
# Prometheus gives up on a scrape after 10 s unless told otherwise.
MOST_SCRAPE_SECONDS = 10
PATIENCE_SECONDS = 150
COLLECTORS = ("project", "servers")
OTHERS = ("affinity_groups", "domains", "gateways", "images", "kubernetes", "locations", "networks", "ssh_keys", "vmware")
# In every text that a fault sends, beside what the simulator marks.
MARK = "FAULT-BODY-TEXT"
LEAKS = (MARK, "SIM-SECRET", "SIM-LOGIN", "We will be back soon", "xxxxxxxxxxxxxxxx")
CHARGE, TOPUP = decimal.Decimal("7.25"), decimal.Decimal("3.000001")
BALANCE = re.compile(r'serverspace_project_balance\{project="[^"]*",currency="[^"]*"\}')
PROJECT = re.compile(r'[{,]project="([^"]*)"')
# What is no data of the API, but tells how reading it goes, or was configured.
SELF = re.compile(r"serverspace_(collector_|api_|sd_|up\{|tasks?_|project_api_key_readable|project_balance_threshold)")
# Of that, what the collector of servers reads.
SERVERS = re.compile(r"serverspace_(servers?[_{]|operations_)")
TABLE_BEGIN, TABLE_END = "<!-- fault matrix: begin -->", "<!-- fault matrix: end -->"
DEEP = '{"%s":' % MARK + "[" * 5000 + "]" * 5000 + "}"

NEXT_RUN = "with the next run"
PROBE = "once a request gets through, a minute later at most"


class Fault:
    """A row of the table whose fault strikes one project.

    `strikes` are the simulator's faults, or the mode of a gate that stands before it. `reason` is what collectors fail with
    and `error` what the log says then. `circuit`: whether the host counts as unreachable.
    """

    def __init__(self, title, strikes, reason, error, *, circuit=False, well=NEXT_RUN, slow=False):
        self.title, self.strikes, self.reason, self.error = title, strikes, reason, error
        self.circuit, self.well = circuit, PROBE if circuit else well
        # Of those whose calls time out a host lets only a quarter run; each has a host of its own here.
        self.needs_gate = slow or circuit
        self.gate = None
        self.host = ""

    def row(self):
        told = f"`up` 0, `{self.reason}`" + (", circuit open" if self.circuit else "")
        return (self.title, f"no data; {told}", f"all stays as it was; {told}", self.well)


def status(code, reason, **more):
    strike = {"kind": "status", "status": code, "message": MARK, **more}
    return [strike], reason, f"HTTP {code}"


def faults(contexts, thief, list_bytes):
    html = {"kind": "content", "content": "html"}
    retry = f"; `Retry-After` {RETRY_AFTER_SECONDS} s"
    after_pause = "with the first run after that time"
    yield Fault("connection refused", "refuse", "network", "connect: connection refused", circuit=True)
    yield Fault("reset in the TLS handshake", "reset", "network", "tls: ", circuit=True)
    yield Fault("hang in the TLS handshake", "hang", "timeout", "tls: timed out", circuit=True)
    yield Fault("no TLS on the port", "plain", "tls", "tls: the other side speaks no TLS", circuit=True)
    yield Fault("certificate expired", contexts["expired"], "tls", "tls: certificate has expired", circuit=True)
    yield Fault("certificate for another name", contexts["name"], "tls", "tls: hostname mismatch", circuit=True)
    yield Fault("certificate of an unknown authority", contexts["unknown"], "tls", "tls: .*certificate", circuit=True)
    yield Fault("reset instead of an answer", [{"kind": "reset"}], "network", "exchange: ")
    yield Fault("reset in the body", [{"kind": "reset_body"}], "network", "exchange: ")
    yield Fault("body cut by its length", [{"kind": "cut_length"}], "network", "exchange: .*closed too early")
    yield Fault("body cut between chunks", [{"kind": "cut_chunked"}], "network", "exchange: ")
    yield Fault("hang before the answer", [{"kind": "hang_headers"}], "timeout", "exchange: timed out", slow=True)
    yield Fault("hang in the body", [{"kind": "hang_body"}], "timeout", "exchange: timed out", slow=True)
    yield Fault("body drips", [{"kind": "drip", "bytes_per_second": 5}], "timeout", "exchange: timed out", slow=True)
    yield Fault("answer drips", [{"kind": "drip_all", "bytes_per_second": 5}], "timeout", "exchange: timed out", slow=True)
    yield Fault("200 with HTML", [html], "bad_response", "cannot be read as JSON")
    yield Fault("200 without a body", [{"kind": "content", "content": "empty"}], "bad_response", "cannot be read as JSON")
    yield Fault("200 with another object", [{"kind": "content", "content": "missing_wrapper"}], "bad_response", "has no ")
    for title, kind in (("huge body", "huge_body"), ("gzip bomb", "gzip_bomb")):
        strikes = [{"kind": kind, "route": "/project", "bytes": 2 << 20}, {"kind": kind, "bytes": list_bytes}]
        yield Fault(title, strikes, "bad_response", "the answer (is larger than|has no )")
    yield Fault("deep JSON", [{"kind": "raw", "body": DEEP}], "bad_response", "nested too deeply")
    # Its bodies are made of the true answers, see twist_answers().
    yield Fault("wrong types everywhere", None, "bad_response", "has no ")
    yield Fault("400", *status(400, "other", envelope="params"))
    yield Fault("401", *status(401, "auth"))
    yield Fault("403", *status(403, "auth", envelope="text"))
    yield Fault("404", *status(404, "other"))
    yield Fault("408", *status(408, "timeout"))
    yield Fault("429", *status(429, "rate_limited"))
    yield Fault("429" + retry, *status(429, "rate_limited", retry_after_seconds=RETRY_AFTER_SECONDS), well=after_pause)
    yield Fault(
        "503" + retry + " as a date",
        *status(503, "server_error", retry_after_seconds=RETRY_AFTER_SECONDS, retry_after_as_date=True),
        well=after_pause,
    )
    yield Fault("500", *status(500, "server_error", envelope="html"))
    yield Fault("502", *status(502, "server_error", envelope="empty"))
    yield Fault("503", *status(503, "server_error", envelope="string"))
    yield Fault("504", *status(504, "server_error", envelope="message"))
    there = thief.base_url + "/" + MARK
    yield Fault(
        "redirect to another host",
        [{"kind": "redirect", "route": "/project", "status": 307, "location": there},
         {"kind": "redirect", "status": 301, "location": there}],
        "other", "redirect refused",
    )  # fmt: skip


class Unnoticed:
    """A row of the table whose fault harms a start only."""

    strikes, gate, host = None, None, ""

    def __init__(self, *cells):
        self.title, self.cells = cells[0], cells

    def row(self):
        return self.cells


NONE = Unnoticed("no fault", "", "", "")
DNS = Unnoticed(
    "name does not resolve", "no data; `up` 0, `network`, circuit open",
    "nothing is noticed: addresses that were found before are used on", PROBE,
)  # fmt: skip
KEY = Unnoticed(
    "key file vanishes", "refused, status 2; the message names the file",
    "nothing is noticed but `project_api_key_readable` 0: the last good key is used on", "as soon as the file is back",
)  # fmt: skip


def check_leaks(what, text, keys):
    for leak in LEAKS:
        assert leak not in text, f"{leak} in {what}"
    for key in keys:
        # A part would help somebody who guesses the rest.
        for start in range(0, len(key) - 12, 12):
            assert key[start : start + 12] not in text, f"part of an API key in {what}"


class Page:
    def __init__(self, samples):
        self.samples = samples
        self.data = {}
        for series, value in samples.items():
            project = PROJECT.search(series)
            if project and not SELF.match(series):
                self.data.setdefault(project[1], {})[series] = value

    def of(self, project):
        return self.data.get(project, {})

    def servers_of(self, project):
        return {series: value for series, value in self.of(project).items() if SERVERS.match(series)}

    def success(self, project):
        """What the collectors say, in their order."""
        start = f'serverspace_collector_success{{project="{project}",collector='
        return [self.samples.get(f'{start}"{collector}"}}') for collector in COLLECTORS]

    def up(self, project):
        return self.samples.get(f'serverspace_up{{project="{project}"}}')

    def errors(self, project, collector):
        """`{reason: count}`, without those that never came."""
        start = f'serverspace_collector_errors_total{{project="{project}",collector="{collector}",reason="'
        return {s[len(start) : -2]: int(v) for s, v in self.samples.items() if s.startswith(start) and v != "0"}

    def open_circuits(self):
        start = 'serverspace_api_circuit_open{host="'
        return {s[len(start) : -2] for s, value in self.samples.items() if s.startswith(start) and value == "1"}

    def total(self, kind, project):
        start = f'serverspace_project_{kind}_total{{project="{project}",'
        return next((decimal.Decimal(value) for series, value in self.of(project).items() if series.startswith(start)), None)


class Watch:
    """Looks at pages, and sees to it with each that nothing is there that must not be."""

    def __init__(self, exporter, keys):
        self.exporter, self.keys = exporter, keys
        # What must be shown of a project, to the last digit; of the others, what must be shown of its servers.
        self.frozen = {}
        self.frozen_servers = {}
        self.ages = {}
        self.ready = False
        self.slowest = 0.0

    def get(self, path="/metrics"):
        begin = time.monotonic()
        answer = self.exporter.get(path)
        took = time.monotonic() - begin
        assert took < MOST_SCRAPE_SECONDS, f"{path} took {took:.1f} s"
        self.slowest = max(self.slowest, took)
        check_leaks(path, answer.text + str(answer.headers), self.keys)
        return answer

    def look(self):
        answer = self.get()
        assert answer.status == 200, answer.status
        assert self.exporter.process.poll() is None
        page = Page(stack.parse_samples(answer.text))
        for project, data in self.frozen.items():
            now = page.of(project)
            assert now == data, f"{project} changed: {set(now.items()) ^ set(data.items())}"
        for project, data in self.frozen_servers.items():
            now = page.servers_of(project)
            assert now == data, f"servers of {project} changed: {set(now.items()) ^ set(data.items())}"
        self.check_ages(page)
        ready = self.get("/-/ready").status == 200
        assert ready or not self.ready, "ready is never taken back"
        self.ready = ready
        return page

    def check_ages(self, page):
        """From a failure to the next success the age is that of the last success before."""
        for series, success in page.samples.items():
            if series.startswith("serverspace_collector_success{"):
                last = page.samples.get(series.replace("success", "last_success_timestamp_seconds"))
                if success == "1":
                    self.ages.pop(series, None)
                else:
                    assert self.ages.setdefault(series, last) == last, series

    def until(self, what, missing):
        """Looks until `missing(page)` has nothing to say, and answers that page."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left := missing(page := self.look()):
            assert time.monotonic() < deadline, f"{what}: {left}: {self.exporter.text()[-3000:]}"
            time.sleep(0.25)
        return page


def config(directory, name, simulator, ca_file, projects, extra=""):
    """A configuration of (name, key file, base URL)."""
    collectors = [f"{name}: {{ interval: {INTERVAL_SECONDS}s }}" for name in COLLECTORS]
    collectors += [f"{name}: {{ enabled: false }}" for name in OTHERS]
    lines = [
        f"api: {{ ca_file: {ca_file}, base_url: '{simulator.base_url}', timeout: {TIMEOUT_SECONDS}s }}",
        f"collectors: {{ {', '.join(collectors)} }}", extra, "projects:",
    ]  # fmt: skip
    for project, key, url in projects:
        lines.append(f"  - {{ name: {project}, api_key_file: {key}{f', base_url: {json.dumps(url)}' if url else ''} }}")
    path = directory / name
    path.write_text("\n".join(lines) + "\n")
    return path


def ask(simulator, key, path):
    context = ssl.create_default_context(cafile=simulator.ca_file)
    connection = http.client.HTTPSConnection("localhost", simulator.port, context=context, timeout=stack.PATIENCE_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", "/api/v1" + path, headers={"X-API-KEY": key})
        return json.loads(connection.getresponse().read(), parse_float=decimal.Decimal)


def truth(simulator, name, key):
    """Some series as they must be, from what the API says itself."""
    project = ask(simulator, key, "/project")["project"]
    servers = ask(simulator, key, "/servers")["servers"]
    expected = {
        f'serverspace_project_balance{{project="{name}",currency="{project["currency"]}"}}': str(project["balance"]),
        f'serverspace_servers{{project="{name}"}}': str(len(servers)),
    }
    for server in servers:
        label = f'project="{name}",server_id="{server["id"]}"'
        expected[f"serverspace_server_cpu_cores{{{label}}}"] = str(server["cpu"])
        expected[f"serverspace_server_memory_bytes{{{label}}}"] = str(server["ram_mb"] << 20)
        expected[f"serverspace_server_power_on{{{label}}}"] = str(int(server["is_power_on"]))
        expected[f'serverspace_server_state{{{label},state="{server["state"].lower()}"}}'] = "1"
    return expected


def server_ids(data):
    return sorted({match[1] for series in data if (match := re.search(r'server_id="([^"]*)"', series))})


def is_true(page, name, expected):
    """Whether a project's page says what `truth` found, and knows no other server."""
    data = page.of(name)
    return server_ids(data) == server_ids(expected) and all(data.get(series) == value for series, value in expected.items())


def twist(value):
    if isinstance(value, bool):
        return MARK
    if isinstance(value, str):
        return {MARK: value}
    if isinstance(value, dict):
        return {name: twist(inner) for name, inner in value.items()}
    return MARK if isinstance(value, list) else [MARK]


def twist_answers(simulator, key):
    """Answers in which nothing but the names of the members is right."""
    project = {"project": twist(ask(simulator, key, "/project")["project"])}
    servers = {"servers": [twist(server) for server in ask(simulator, key, "/servers")["servers"]]}
    bodies = (("/project", project), ("/servers", servers))
    return [{"kind": "raw", "route": route, "body": json.dumps(body)} for route, body in bodies]


class Matrix:
    """The faults of the API, all at once."""

    def __init__(self, bin_dir, directory, simulator, rows, ca_file, hosts):
        self.bin_dir, self.directory, self.simulator, self.rows = bin_dir, directory, simulator, rows
        self.ca_file, self.hosts = ca_file, hosts
        self.key_files = dict(zip(self.names(), simulator.keys()))
        self.keys = [path.read_text().strip() for path in simulator.keys()]

    def names(self):
        return [f"fault-{number}" for number in range(len(self.rows))]

    def named_rows(self):
        return list(zip(self.names(), self.rows))

    def struck(self):
        return [(name, row) for name, row in self.named_rows() if isinstance(row, Fault)]

    def unhurt(self):
        return [name for name, row in self.named_rows() if not isinstance(row, Fault)]

    def name_of(self, wanted):
        return next((name for name, row in self.named_rows() if row is wanted), None)

    def configure(self, file_name, rows):
        projects = []
        for name, row in rows:
            url = row.gate.base_url if row.gate else f"https://{row.host}:{self.simulator.port}" if row.host else None
            projects.append((name, self.key_files[name], url))
        extra = "thresholds: { balance: { USD: { warning: 5 }, EUR: { warning: 5 } } }"
        return config(self.directory, file_name, self.simulator, self.ca_file, projects, extra)

    def start(self, name, path):
        directory = self.directory / name
        directory.mkdir()
        flags = ["--config.file", path, "--state.file", directory / "state.json", "--log.level", "debug"]
        return stack.Exporter(self.bin_dir, directory, *flags)

    def begin(self):
        for name, row in self.struck():
            if row.strikes is None:
                row.strikes = twist_answers(self.simulator, self.key_of(name))
            elif not isinstance(row.strikes, list):
                row.gate.become(row.strikes)
        self.simulator.control("PUT", "faults", self.strikes())
        self.hosts.hide()
        self.simulator.control("POST", "connections/close-idle")
        vanishing = self.key_files[self.name_of(KEY)]
        os.rename(vanishing, vanishing.with_suffix(".away"))

    def unreached(self):
        return [name for name, row in self.named_rows() if row is DNS or isinstance(row, Fault) and row.circuit]

    def half(self):
        """Those whose fault can end for one route only."""
        return [name for name, row in self.struck() if isinstance(row.strikes, list) and row.well == NEXT_RUN]

    def strikes(self):
        """The simulator's faults."""
        return [
            {**strike, "project": self.simulator_project(name)}
            for name, row in self.struck()
            for strike in (row.strikes if isinstance(row.strikes, list) else [])
        ]

    def end_half(self):
        """From now on the faults of the rows of half() strike the servers only, and at no moment less than that."""
        projects = {self.simulator_project(name) for name in self.half()}
        struck = self.simulator.control("GET", "faults")["faults"]
        for strike in self.strikes():
            if strike["project"] in projects and strike.get("route") != "/project":
                self.simulator.control("POST", "faults", {**strike, "route": "/servers"})
        for fault in struck:
            if fault["project"] in projects:
                self.simulator.control("DELETE", f"faults/{fault['id']}")

    def end_at_the_door(self):
        """Ends the faults that come before a request."""
        for _, row in self.struck():
            if not isinstance(row.strikes, list):
                row.gate.become("pass")
        self.hosts.show()

    def end(self):
        self.simulator.control("DELETE", "faults")
        vanished = self.key_files[self.name_of(KEY)]
        os.rename(vanished.with_suffix(".away"), vanished)

    def simulator_project(self, name):
        return "project-" + name.removeprefix("fault-")

    def change(self, before):
        """What happens meanwhile: a charge, a server that changes and one more."""
        accounts = {project["name"]: project for project in self.simulator.control("GET", "state")["projects"]}
        for name in self.names():
            project = self.simulator_project(name)
            balance = decimal.Decimal(accounts[project]["balance"]) - CHARGE
            self.simulator.control("PATCH", "projects/" + project, {"balance": str(balance)})
            server = next(iter(server_ids(before[name])))
            self.simulator.control("PATCH", f"projects/{project}/servers/{server}", {"cpu": 11, "is_power_on": False})
            self.simulator.control("POST", f"projects/{project}/servers", {"count": 1})

    def key_of(self, name):
        return self.keys[int(name.removeprefix("fault-"))]

    def truths(self, names):
        return {name: truth(self.simulator, name, self.key_of(name)) for name in names}

    def not_failed(self, page, also=()):
        """Of those that must fail, which do not yet as they must."""
        missing = []
        for name, row in self.struck() + [(name, None) for name in also]:
            if page.up(name) != "0" or page.success(name) != ["0"] * len(COLLECTORS):
                missing.append(name)
            elif row and not all(row.reason in page.errors(name, collector) for collector in COLLECTORS):
                missing.append(name)
        return missing

    def not_true(self, page, truths, names):
        return [
            name
            for name in names
            if page.up(name) != "1" or page.success(name) != ["1"] * len(COLLECTORS) or not is_true(page, name, truths[name])
        ]

    def check_reasons(self, page, log):
        for name, row in self.struck():
            for collector in COLLECTORS:
                errors = page.errors(name, collector)
                # A busy machine may be late now and then, before it fails as it must.
                assert row.reason in errors and set(errors) <= {row.reason, "timeout"}, (row.title, errors)
                told = f'msg="collector failed" project={name} collector={collector} reason='
                lines = [line for line in log.splitlines() if told in line]
                assert re.search(f"reason={row.reason} error=.*{row.error}", "\n".join(lines)), (row.title, lines)

    def shut(self):
        return {f"localhost:{row.gate.port}" for _, row in self.struck() if row.circuit}

    def lists(self, watch):
        """Service discovery of those that are struck."""
        answers = {name: watch.get("/sd?project=" + name) for name, _ in self.struck()}
        return {name: (answer.status, answer.text if answer.status == 200 else "") for name, answer in answers.items()}

    def check_key_refused(self, path):
        program = [f"{self.bin_dir}/serverspace_exporter", "--web.listen-address", "127.0.0.1:0", "--config.file", path]
        with stack.Program(program, self.directory / "refused.log") as refused:
            assert refused.process.wait(stack.PATIENCE_SECONDS) == 2, refused.text()
            assert str(self.key_files[self.name_of(KEY)]) in refused.text(), refused.text()
            check_leaks("the refusal", refused.text(), self.keys)

    def run(self):
        everything = self.configure("steady.yml", self.named_rows())
        without_key = self.configure("starts.yml", [(name, row) for name, row in self.named_rows() if row is not KEY])
        started = time.monotonic()
        with self.start("steady", everything) as steady_exporter:
            steady = Watch(steady_exporter, self.keys)
            before = self.truths(self.names())
            steady.until("all is well", lambda page: self.not_true(page, before, self.names()))
            # They are shown once they are on the disk.
            page = steady.until("totals", lambda page: [name for name in self.names() if page.total("topup", name) is None])
            lists = self.lists(steady)
            assert {status for status, _ in lists.values()} == {200}
            self.begin()
            print(f"all was well after {time.monotonic() - started:.0f} s", flush=True)
            # First the faults, then the changes: what comes of a request before is what is there already.
            steady.frozen = {name: page.of(name) for name, _ in self.struck()}
            self.change(before)
            began = time.monotonic()
            changed = self.truths(self.unhurt())
            with self.start("starts", without_key) as starting_exporter:
                starting = Watch(starting_exporter, self.keys)
                starting.frozen = {name: {} for name, _ in self.struck()}
                self.check_faults(starting, steady, changed, lists)
                self.check_key_refused(everything)
                print(f"all had failed after {time.monotonic() - started:.0f} s", flush=True)
                self.check_half_recovery(starting, steady)
                print(f"half was well after {time.monotonic() - started:.0f} s", flush=True)
                requests = self.requests()
                seconds = time.monotonic() - began
                changed = self.check_recovery(starting, steady)
                print(f"all was well again after {time.monotonic() - started:.0f} s", flush=True)
                for exporter in (starting_exporter, steady_exporter):
                    assert exporter.stop() == 0, exporter.text()
        with self.start("again", everything) as again:
            Watch(again, self.keys).until("the key is back", lambda page: self.not_true(page, changed, [self.name_of(KEY)]))
            assert again.stop() == 0
        self.check_pauses(requests, seconds)
        for path in self.directory.rglob("*"):
            if path.is_file() and path.suffix in (".log", ".json", ".seen", ".tasks"):
                check_leaks(path.name, path.read_text(errors="replace"), self.keys)
        for name, row in self.struck():
            assert not row.gate or row.gate.heard == b"", f"{row.title}: it spoke to a host that did not prove itself"
        return f"slowest scrapes {starting.slowest:.2f} s and {steady.slowest:.2f} s"

    def check_faults(self, starting, steady, changed, lists):
        unresolved = [self.name_of(DNS)] if self.name_of(DNS) else []
        for name in unresolved:
            starting.frozen[name] = {}
        page = starting.until("each fails at the start", lambda page: self.not_failed(page, unresolved))
        # At the latest 30 s after the start; what hangs is attempted long before.
        assert starting.ready
        self.check_reasons(page, starting.exporter.text())
        for name in unresolved:
            assert set(page.errors(name, "project")) == {"network"}, page.errors(name, "project")
            assert "resolve: name or service not known" in starting.exporter.text()
        unknown = {f"{DNS.host}:{self.simulator.port}"} if unresolved else set()
        starting.until("circuits", lambda page: page.open_circuits() ^ self.shut() ^ unknown)
        assert not self.not_true(page, changed, [self.name_of(NONE)])
        # No list, which Prometheus takes for no news; an empty one would end what it watches.
        assert set(self.lists(starting).values()) == {(503, "")}

        page = steady.until("each fails in steady state", self.not_failed)
        page = steady.until("the others go on", lambda page: self.not_true(page, changed, self.unhurt()))
        self.check_reasons(page, steady.exporter.text())
        for name in self.unhurt():
            for collector in COLLECTORS:
                assert page.errors(name, collector) == {}, name
        steady.until("circuits", lambda page: page.open_circuits() ^ self.shut())
        readable = f'serverspace_project_api_key_readable{{project="{self.name_of(KEY)}"}}'
        steady.until("the key file is told", lambda page: page.samples[readable] != "0")
        assert self.lists(steady) == lists, "the last good list"
        for watch in (starting, steady):
            watch.get("/")

    def check_half_recovery(self, starting, steady):
        """The fault ends for one collector first: each shows what itself read last, and nothing between."""
        for watch in (starting, steady):
            page = watch.look()
            for name in self.half():
                del watch.frozen[name]
                watch.frozen_servers[name] = page.servers_of(name)
            # Hosts that could not be reached may be tried again a while later; that need not be waited for twice.
            watch.frozen = {name: data for name, data in watch.frozen.items() if name not in self.unreached()}
        self.end_at_the_door()
        self.end_half()

        def missing(page):
            return [name for name in self.half() if page.up(name) != "1" or page.success(name) != ["1", "0"]]

        accounts = {project["name"]: project["balance"] for project in self.simulator.control("GET", "state")["projects"]}
        for watch in (starting, steady):
            page = watch.until("one collector is well", missing)
            for name in self.half():
                balance = [value for series, value in page.of(name).items() if BALANCE.fullmatch(series)]
                assert balance == [accounts[self.simulator_project(name)]], (name, balance)

    def check_recovery(self, starting, steady):
        before = {watch: watch.look() for watch in (starting, steady)}
        for watch in before:
            watch.frozen, watch.frozen_servers = {}, {}
        self.end()
        changed = self.truths(self.names())
        watched = {steady: self.names(), starting: [name for name in self.names() if name != self.name_of(KEY)]}
        for watch, names in watched.items():
            page = watch.until("all is well again", lambda page: self.not_true(page, changed, names))
            for name, row in self.struck():
                if row.well == NEXT_RUN:
                    for collector in COLLECTORS:
                        # The one that was running when the fault ended.
                        errors = [p.errors(name, collector).get(row.reason, 0) for p in (before[watch], page)]
                        assert errors[1] - errors[0] <= 1, (row.title, collector, errors)
            watch.until("circuits", Page.open_circuits)
            for name in names:
                # The one that starts knows no balance before the charge.
                spent = CHARGE if watch is steady else 0
                page = watch.until(name, lambda page: page.total("spend", name) != spent)
                assert page.total("topup", name) == 0, name
            for name, _ in self.struck():
                assert re.search(rf'msg="collector recovered" project={name} ', watch.exporter.text()), name
        readable = f'serverspace_project_api_key_readable{{project="{self.name_of(KEY)}"}}'
        steady.until("the key file is read again", lambda page: page.samples[readable] != "1")
        return changed

    def requests(self):
        """By project, those that were answered with an error that is meant to pass."""
        requests = dict.fromkeys(self.names(), 0)
        for row in self.simulator.control("GET", "requests")["requests"]:
            if row["status"] in (429, 503):
                requests[row["project"].replace("project-", "fault-")] += row["count"]
        return requests

    def check_pauses(self, requests, seconds):
        """Where `Retry-After` was sent, few requests came: at most those of both collectors of both exporters each time."""
        for name, row in self.struck():
            if "Retry-After" in row.title:
                most = 2 * len(COLLECTORS) * (1 + seconds / RETRY_AFTER_SECONDS)
                assert 0 < requests[name] <= most, (row.title, requests[name], most)
            elif row.title in ("429", "503"):
                # Four attempts in each run.
                assert requests[name] >= 4 * 2 * len(COLLECTORS), (row.title, requests[name])


class Hosts:
    """The name of the DNS row, in an /etc/hosts that nobody else sees. Without root there is no such name."""

    def __init__(self, directory, name):
        self.name = name
        if name:
            self.path = directory / "hosts"
            self.others = pathlib.Path("/etc/hosts").read_text()
            self.show()
            order = directory / "nsswitch.conf"
            order.write_text("passwd: files\ngroup: files\nhosts: files\n")
            mount("--bind", self.path, "/etc/hosts")
            mount("--bind", order, "/etc/nsswitch.conf")

    def show(self):
        if self.name:
            self.path.write_text(f"{self.others}\n127.0.0.1 {self.name}\n")

    def hide(self):
        if self.name:
            self.path.write_text(self.others)


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


class Alone:
    """What befalls a process: a project and exporters of its own."""

    def __init__(self, bin_dir, directory, simulator, project):
        self.bin_dir, self.simulator, self.project = bin_dir, simulator, project
        self.directory = directory / f"alone-{project}"
        self.directory.mkdir()
        self.state_dir = self.directory / "state"
        self.state_dir.mkdir()
        self.state = self.state_dir / "state.json"
        self.lives = 0
        self.key_file = simulator.keys()[int(project.removeprefix("project-"))]
        self.key = self.key_file.read_text().strip()

    @contextlib.contextmanager
    def life(self, *flags, environment=None, url=None):
        """A run of the exporter, which ends with status 0 and leaks nothing."""
        self.lives += 1
        directory = self.directory / str(self.lives)
        directory.mkdir()
        projects = [(self.project, self.key_file, url)]
        path = config(directory, "exporter.yml", self.simulator, self.simulator.ca_file, projects)
        with stack.Exporter(self.bin_dir, directory, "--config.file", path, *flags, environment=environment) as exporter:
            yield Watch(exporter, [self.key])
            assert exporter.stop() == 0, exporter.text()
            check_leaks("the log", exporter.text(), [self.key])

    def balance(self, change):
        before = decimal.Decimal(ask(self.simulator, self.key, "/project")["project"]["balance"])
        self.simulator.control("PATCH", "projects/" + self.project, {"balance": str(before + change)})

    def until_true(self, watch, what):
        expected = truth(self.simulator, self.project, self.key)
        return watch.until(what, lambda page: not (page.up(self.project) == "1" and is_true(page, self.project, expected)))

    def until_totals(self, watch, what, spent, topped_up=0):
        def missing(page):
            totals = page.total("spend", self.project), page.total("topup", self.project)
            return totals != (spent, topped_up) and totals

        return watch.until(what, missing)


PERSISTENT = "serverspace_exporter_state_persistent"
WRITE_ERRORS = "serverspace_exporter_state_write_errors_total"


class UnwritableState(Alone):
    """A file system on which nothing can be written; `begin` and `end` make it so."""

    def begin(self):
        raise NotImplementedError

    def end(self):
        raise NotImplementedError

    def cells(self):
        told = "`state_persistent` 0, `state_write_errors_total` rises, a warning"
        return (
            self.title, f"all is read and shown; {told}", f"all is read and shown, totals too; {told}",
            "written within seconds; totals go on, also if it was stopped meanwhile",
        )  # fmt: skip

    def run(self):
        flags = ["--state.file", self.state]

        def unwritable(page):
            return page.samples[PERSISTENT] != "0" or int(page.samples[WRITE_ERRORS]) == 0

        def written(page):
            return page.samples[PERSISTENT] != "1"

        with self.life(*flags) as watch:
            self.until_totals(watch, "a baseline", 0)
            watch.until("it is on the disk", written)
        self.balance(-CHARGE)
        self.begin()
        with self.life(*flags) as watch:
            watch.until("it cannot be written", unwritable)
            self.until_totals(watch, "the charge is shown", CHARGE)
            self.until_true(watch, "the data are read")
            assert watch.ready or watch.look() and watch.ready
            assert "the state cannot be written" in watch.exporter.text()
            self.end()
            watch.until("written again", written)
            assert "the state is written again" in watch.exporter.text()
        with self.life(*flags) as watch:
            assert watch.look().total("spend", self.project) == CHARGE, "on the first page already"
            self.until_true(watch, "the data are read")
            self.begin()
            self.balance(-CHARGE)
            self.balance(TOPUP + CHARGE)
            self.balance(-CHARGE)
            spent = CHARGE + CHARGE - TOPUP
            self.until_totals(watch, "what came meanwhile is shown", spent)
            watch.until("it cannot be written", unwritable)
        # It was stopped meanwhile: what is on the disk is what was there.
        with self.life(*flags) as watch:
            self.until_totals(watch, "what came meanwhile is found again", spent)
            watch.until("it cannot be written", unwritable)
            self.end()
            watch.until("written again", written)
        with self.life(*flags) as watch:
            assert watch.look().total("spend", self.project) == spent
        left = {path.name for path in self.state_dir.iterdir()}
        assert left == {"state.json", "state.json.seen", "state.json.lock"}, left


class DiskFull(UnwritableState):
    title = "disk full"

    def run(self):
        mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", self.state_dir)
        super().run()

    def begin(self):
        with contextlib.suppress(OSError), open(self.state_dir / "ballast", "wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))

    def end(self):
        (self.state_dir / "ballast").unlink()


class ReadOnly(UnwritableState):
    title = "state file on a read-only file system"

    def begin(self):
        mount("--bind", self.state_dir, self.state_dir)
        mount("-o", "remount,bind,ro", self.state_dir)

    def end(self):
        subprocess.run(["umount", self.state_dir], check=True)


class Torn(Alone):
    def cells(self):
        return (
            "state file torn",
            "set aside as `state.json.corrupt-*`, an error in the log; totals begin at 0, as with a counter reset",
            "nothing is noticed; written whole with the next change",
            "totals go on from there",
        )

    def tear(self):
        for path in (self.state, self.state.with_name("state.json.seen")):
            text = path.read_bytes()
            path.write_bytes(text[: len(text) // 2])

    def run(self):
        flags = ["--state.file", self.state]
        with self.life(*flags) as watch:
            self.until_totals(watch, "a baseline", 0)
        self.balance(-CHARGE)
        with self.life(*flags) as watch:
            self.until_totals(watch, "a charge", CHARGE)
        self.tear()
        with self.life(*flags) as watch:
            page = self.until_totals(watch, "a new baseline", 0)
            assert page.samples[PERSISTENT] == "1"
            self.until_true(watch, "the data are read")
            assert watch.exporter.text().count("a state file cannot be used") == 2, watch.exporter.text()
            aside = sorted(path.name.partition(".corrupt-")[0] for path in self.state_dir.glob("*.corrupt-*"))
            assert aside == ["state.json", "state.json.seen"], aside
            self.tear()
            # Each file is written when there is news for it.
            self.balance(TOPUP)
            server = server_ids(page.of(self.project))[0]
            self.simulator.control("PATCH", f"projects/{self.project}/servers/{server}", {"state": "Blocked"})
            self.until_totals(watch, "a top-up", 0, TOPUP)
            self.until_true(watch, "the server's state")
            assert "cannot be written" not in watch.exporter.text()
        with self.life(*flags) as watch:
            page = watch.look()
            assert (page.total("spend", self.project), page.total("topup", self.project)) == (0, TOPUP)
            assert "cannot be used" not in watch.exporter.text()


class Descriptors(Alone):
    def cells(self):
        return (
            "descriptors run out", "no data; `up` 0, `network`; connections that are there are answered",
            "all stays as it was; `up` 0, `network`; connections that are there are answered", NEXT_RUN,
        )  # fmt: skip

    def limit(self, watch, soft):
        hard = resource.prlimit(watch.exporter.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(watch.exporter.pid, resource.RLIMIT_NOFILE, (soft or hard, hard))

    def check_exhausted(self, watch, gate):
        """`watch` must be on a connection that was there before."""
        self.limit(watch, 3)
        # So all connections to the API end that were there.
        gate.become("refuse")
        gate.become("pass")
        page = watch.until("it fails", lambda page: page.success(self.project) != ["0"] * len(COLLECTORS))
        assert page.up(self.project) == "0"
        for collector in COLLECTORS:
            assert set(page.errors(self.project, collector)) == {"network"}, page.errors(self.project, collector)
        # The host had no part in it.
        assert not page.open_circuits(), page.open_circuits()
        assert re.search("error=.*connect: too many open files", watch.exporter.text()), watch.exporter.text()
        return page

    def run(self):
        with fault_gate.Gate(self.simulator.port, "hang") as gate, self.life(url=gate.base_url) as watch:
            with Held(watch):
                watch.frozen = {self.project: {}}
                self.check_exhausted(watch, gate)
                watch.until("ready", lambda _: not watch.ready)
                watch.frozen = {}
                self.limit(watch, None)
                self.until_true(watch, "all is well again")
                page = self.until_totals(watch, "a baseline", 0)
                watch.frozen = {self.project: page.of(self.project)}
                self.check_exhausted(watch, gate)
                self.balance(-CHARGE)
                watch.frozen = {}
            self.limit(watch, None)
            self.until_true(watch, "all is well again, for new connections too")
            self.until_totals(watch, "the charge", CHARGE)


class Held:
    """Puts a watch on one connection that stays."""

    def __init__(self, watch):
        self.watch = watch
        self.connection = http.client.HTTPConnection(*watch.exporter.place, timeout=stack.PATIENCE_SECONDS)

    def __enter__(self):
        self.connection.request("GET", "/-/healthy")
        self.connection.getresponse().read()
        self.watch.exporter.get = self.get
        return self

    def __exit__(self, *_):
        del self.watch.exporter.get
        self.connection.close()

    def get(self, path="/metrics", headers=None):
        self.connection.request("GET", path, headers=headers or {})
        return stack.Answer(self.connection.getresponse())


OFFSET = "serverspace_api_clock_offset_seconds"


class Clock(Alone):
    """A clock two hours off, first ahead and then behind. `jump` sets it."""

    def offset(self, page):
        return next((float(value) for series, value in page.samples.items() if series.startswith(OFFSET)), None)

    def until_offset(self, watch, hours):
        def missing(page):
            offset = self.offset(page)
            return offset is None or abs(offset - hours * 3600) > 60

        return watch.until(f"{hours} h off", missing)

    def check(self, sign, environment=None):
        self.jump(2)
        with self.life(environment=environment) as watch:
            self.until_true(watch, "the data are read")
            page = self.until_offset(watch, 2 * sign)
            watch.frozen = {self.project: page.of(self.project)}
            for hours in (-2, 2, 0):
                self.jump(hours)
                self.until_offset(watch, hours * sign)
                # Not as long as an age that is reckoned by the calendar would need.
                watch.look()
            for collector in COLLECTORS:
                assert watch.look().errors(self.project, collector) == {}
            assert watch.ready


class ApiClock(Clock):
    def cells(self):
        return (
            "clock of the API jumps two hours ahead or back", "all is read; `api_clock_offset_seconds` tells",
            "all goes on; `api_clock_offset_seconds` tells", NEXT_RUN,
        )  # fmt: skip

    def jump(self, hours):
        self.simulator.control("POST", "time", {"date_skew_seconds": hours * 3600})

    def run(self):
        self.check(1)


class OwnClock(Clock):
    def cells(self):
        return (
            "clock of the exporter jumps two hours ahead or back", "all is read; `api_clock_offset_seconds` tells",
            "all goes on, nothing is taken for old; `api_clock_offset_seconds` tells", NEXT_RUN,
        )  # fmt: skip

    def jump(self, hours):
        new = self.directory / "clock.new"
        new.write_text(f"{hours * 3600:+d}\n")
        os.replace(new, self.directory / "clock")

    def run(self):
        self.check(-1, {
            "LD_PRELOAD": FAKE_CLOCK[0], "FAKETIME_TIMESTAMP_FILE": str(self.directory / "clock"),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        })  # fmt: skip


FAKE_CLOCK = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


def has_sanitizer(bin_dir):
    # It must be loaded before all else, and so must what fakes the clock.
    program = (pathlib.Path(bin_dir) / "serverspace_exporter").read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


def main(bin_dir):
    root = os.geteuid() == 0
    DNS.host = "api.example.com"
    with contextlib.ExitStack() as block:
        directory = block.enter_context(stack.scratch())
        good, unknown = Authority(directory, "good"), Authority(directory, "unknown")
        contexts = {
            "expired": fault_gate.server_context(good, "localhost", days=0),
            "name": fault_gate.server_context(good, "elsewhere.example.com"),
            "unknown": fault_gate.server_context(unknown, "localhost"),
        }
        # A redirect's target that could be trusted.
        thief = block.enter_context(fault_gate.Gate(0, fault_gate.server_context(good, "localhost", days=2)))
        # A list may have 64 MiB. With sanitizers that takes longer than an attempt may: less is sent, without a list.
        list_bytes = (2 if has_sanitizer(bin_dir) else 65) << 20
        rows = [NONE, *([DNS] if root else []), *faults(contexts, thief, list_bytes), KEY]
        # Sanitizers need descriptors of their own to look at memory.
        kinds = [Torn, *([] if has_sanitizer(bin_dir) else [Descriptors]), *([DiskFull, ReadOnly] if root else [])]
        flags = ["--projects", len(rows) + len(kinds), "--servers", 2, "--host-name", DNS.host]
        simulator = block.enter_context(stack.Simulator(bin_dir, directory, *flags))
        for row in rows:
            if isinstance(row, Fault) and row.needs_gate:
                row.gate = block.enter_context(fault_gate.Gate(simulator.port))
        trusted = directory / "trusted.pem"
        trusted.write_text(simulator.ca_file.read_text() + good.ca.read_text())
        matrix = Matrix(bin_dir, directory, simulator, rows, trusted, Hosts(directory, DNS.host if root else None))
        runs = [kind(bin_dir, directory, simulator, f"project-{len(rows) + i}") for i, kind in enumerate(kinds)]
        # Its clock is not to disturb the others.
        clocks = directory / "clocks"
        clocks.mkdir()
        timed = block.enter_context(stack.Simulator(bin_dir, clocks))
        runs.append(ApiClock(bin_dir, clocks, timed, "project-0"))
        if FAKE_CLOCK and not has_sanitizer(bin_dir):
            own = clocks / "own"
            own.mkdir()
            runs.append(OwnClock(bin_dir, own, block.enter_context(stack.Simulator(bin_dir, own)), "project-0"))
        with concurrent.futures.ThreadPoolExecutor(len(runs) + 1) as pool:
            work = [pool.submit(run.run) for run in [matrix, *runs]]
            failures = [failure for one in concurrent.futures.as_completed(work) if (failure := one.exception())]
        for failure in failures:
            traceback.print_exception(failure)
        assert not failures
        assert thief.accepted == 0, "the target of a redirect was visited"
        told = work[0].result()
    return [row.row() for row in rows if row is not NONE] + [run.cells() for run in runs], told


def write_table(table, update):
    """Compares each row with the document's, or writes them there."""
    document = pathlib.Path(__file__).parents[2] / "docs" / "reliability.md"
    text = document.read_text()
    begin, end = text.index(TABLE_BEGIN) + len(TABLE_BEGIN), text.index(TABLE_END)
    lines = ["| " + " | ".join(row) + " |" for row in table]
    print("\n".join(lines))
    if update:
        head = ["| fault | at the start | in steady state | well again |", "| --- | --- | --- | --- |"]
        document.write_text(text[:begin] + "\n" + "\n".join(head + lines) + "\n" + text[end:])
        return
    known = text[begin:end].splitlines()
    for line in lines:
        assert line in known, f"docs/reliability.md does not have this row; --update writes it: {line}"
    titles = {line.split(" | ")[0] for line in lines}
    for line in known[3:]:
        if line and line.split(" | ")[0] not in titles:
            print("left out here:", line.split(" | ")[0].removeprefix("| "))


if __name__ == "__main__":
    if os.geteuid() == 0 and os.environ.get("FAULT_MATRIX_NAMESPACE") != "own":
        os.environ["FAULT_MATRIX_NAMESPACE"] = "own"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    rows, told = main(sys.argv[1])
    write_table(rows, "--update" in sys.argv)
    print(f"{len(rows)} faults, {told}")
