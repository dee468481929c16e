#!/usr/bin/env python3
"""Service discovery as a real Prometheus uses it, and as a file for it.

Targets appear, change and vanish with the servers; an outage of the API, a 503 and a restart of the exporter lose none.
"""

import contextlib
import json
import os
import pathlib
import re
import stat
import subprocess
import sys

import stack
from prometheus_server import Prometheus

# An address of its own, so that nobody takes the port while the exporter restarts.
LISTEN_HOST = "127.0.0.67"
CONFIG = "collectors: { project: { interval: 10s }, servers: { interval: 10s }, vmware: { interval: 10s } }"
PROJECT = "project-0"
META = "__meta_serverspace_"
ERRORS = f'serverspace_collector_errors_total{{project="{PROJECT}",collector="servers",reason="%s"}}'
SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "prometheus"


def public(address, nic=1):
    return {"id": nic, "network_type": "PublicShared", "ip_address": address, "network_id": "l1n1"}


def private(address, nic=2):
    return {"id": nic, "network_type": "Isolated", "ip_address": address, "network_id": "l1n2"}


def add(simulator, name, nics, **more):
    body = {"count": 1, "name": name, "state": "Active", "is_power_on": True, "tags": [], "nics": nics, **more}
    return simulator.control("POST", f"projects/{PROJECT}/servers", body)["ids"][0]


def change(simulator, server, **members):
    simulator.control("PATCH", f"projects/{PROJECT}/servers/{server}", members)


def delete(simulator, server):
    kind = "vmware_servers" if server.isdigit() else "servers"
    simulator.control("DELETE", f"projects/{PROJECT}/{kind}/{server}")


def groups(exporter, query=""):
    answer = exporter.get("/sd" + query)
    assert answer.status == 200, f"/sd{query}: {answer.status} {answer.text}"
    assert answer.headers["Content-Type"] == "application/json", answer.headers
    return json.loads(answer.text)


def targets(exporter, query=""):
    return sorted(target for group in groups(exporter, query) for target in group["targets"])


def check_refused(exporter, status):
    """The answer is not the list, in the form that all answers have."""
    answer = exporter.get("/sd")
    assert answer.status == status and answer.headers["Content-Type"] == "application/json", answer.status
    assert json.loads(answer.text)["error"], answer.text


def make_servers(simulator, exporter):
    """Four servers of our own instead of the seeded VMware one that has an address; the other one has none."""
    stack.await_condition("the first lists", lambda: exporter.get("/sd").status == 200)
    assert targets(exporter) == []
    (vmware,) = groups(exporter, "?network=private&port=1")
    assert vmware["targets"] == ["10.60.0.12:1"] and vmware["labels"][META + "name"] == "erp-app", vmware
    delete(simulator, vmware["labels"][META + "server_id"])
    ids = [
        add(simulator, 'web "1"', [private("10.0.0.10"), public("203.0.113.10")], tags=["web", "prod-eu"],
            location_id="am2", image_id="Debian-12-X64"),
        add(simulator, "db", [public("203.0.113.11")], is_power_on=False),
        add(simulator, "hidden", [private("10.0.0.12")]),
        add(simulator, "broken", [public("2001:db8::1"), private("null"), public("169.254.169.254", 3)]),
    ]  # fmt: skip
    both = ["203.0.113.10:9100", "203.0.113.11:9100"]
    stack.await_condition("ours are there", lambda: targets(exporter) == both, pause=0.1)
    ours = ["10.0.0.10:9100", "10.0.0.12:9100"]
    stack.await_condition("only ours are there", lambda: targets(exporter, "?network=private") == ours, pause=0.1)
    return ids


def check_answers(exporter, ids):
    web, database, _, _ = ids
    both = ["203.0.113.10:9100", "203.0.113.11:9100"]
    assert targets(exporter, "?port=80&network=private") == ["10.0.0.10:80", "10.0.0.12:80"]
    assert targets(exporter, "?tag=web") == targets(exporter, "?tag=web&tag=prod%2Deu") == both[:1]
    assert targets(exporter, "?tag=web&tag=other") == []
    assert targets(exporter, "?powered=on") == both[:1]
    assert targets(exporter, f"?project={PROJECT}") == both
    refused = ("?project=x", "?prot=1", "?port=0", "?network=v6", "?tag=", "?port=1&port=2", "?tag=%zz")
    for query in refused:
        answer = exporter.get("/sd" + query)
        assert answer.status == 400 and answer.headers["Content-Type"] == "application/json", query
        assert json.loads(answer.text)["error"], query
    labels = {group["labels"][META + "server_id"]: group["labels"] for group in groups(exporter)}
    assert set(labels) == {web, database}, "those without a public IPv4 address are left out"
    expected = {
        "name": 'web "1"', "project": PROJECT, "location": "am2", "image": "Debian-12-X64", "state": "active",
        "power": "on", "tags": ",prod-eu,web,", "tag_web": "true", "tag_prod_eu": "true",
        "public_ip": "203.0.113.10", "private_ip": "10.0.0.10", "server_id": web,
    }  # fmt: skip
    assert labels[web] == {META + name: value for name, value in expected.items()}, labels[web]
    assert labels[database][META + "power"] == "off"

    # In the public network `hidden`, `broken` and the VMware server, in the private one `db`, `broken` and that.
    skipped = f'serverspace_sd_targets_skipped{{project="{PROJECT}"}}'
    stack.await_condition("what was left out is counted", lambda: exporter.samples().get(skipped) == "3")
    code = 'serverspace_sd_requests_total{code="%d"}'
    stack.await_condition("refusals are counted", lambda: int(exporter.samples()[code % 400]) == len(refused))

    # The same servers, read anew in the order in which the API now has them, are the same answer.
    first = exporter.get("/sd")
    success = f'serverspace_collector_last_success_timestamp_seconds{{project="{PROJECT}",collector="servers"}}'
    before = exporter.samples()[success]
    stack.await_condition("another poll", lambda: exporter.samples()[success] != before)
    again = exporter.get("/sd", {"If-None-Match": first.headers["ETag"]})
    assert again.status == 304 and again.text == "" and again.headers["ETag"] == first.headers["ETag"]


class Watcher:
    """What Prometheus has for targets of its one job."""

    def __init__(self, prometheus):
        self.prometheus = prometheus

    def active(self):
        found = self.prometheus.api("targets", state="active")["activeTargets"]
        return {target["labels"]["name"]: target["labels"]["instance"] for target in found}

    def await_active(self, expected):
        stack.await_condition(f"targets {expected}", lambda: self.active() == expected, pause=0.1)

    def refreshes(self, failed):
        if failed:
            return len(re.findall("Unable to refresh target groups", self.prometheus.text()))
        own = stack.parse_samples(self.prometheus.get("/metrics"))
        count = "prometheus_sd_refresh_duration_seconds_count"
        return sum(float(value) for series, value in own.items() if series.startswith(count))

    def keeps(self, expected, failed, refreshes=3):
        """Through some refreshes, failed ones or all, the targets are these."""
        end = self.refreshes(failed) + refreshes

        def passed():
            assert self.active() == expected, f"{self.active()} instead of {expected}"
            return self.refreshes(failed) >= end

        stack.await_condition(f"{refreshes} {'failed ' * failed}refreshes", passed, pause=0.05)


def scrape_config(address):
    url = f"http://{address}/sd?port=9&network=public&powered=on"
    return {
        "job_name": "nodes",
        "http_sd_configs": [{"url": url, "refresh_interval": "1s"}],
        "relabel_configs": [{"source_labels": [META + "name"], "target_label": "name"}],
    }


def check_prometheus(simulator, exporter, start, prometheus, ids):
    watcher = Watcher(prometheus)
    watcher.await_active({'web "1"': "203.0.113.10:9"})
    # One comes up, is renamed, gets an address, is deleted.
    change(simulator, ids[1], is_power_on=True)
    watcher.await_active({'web "1"': "203.0.113.10:9", "db": "203.0.113.11:9"})
    change(simulator, ids[0], name="front")
    change(simulator, ids[2], nics=[private("10.0.0.12"), public("203.0.113.12", 3)])
    watcher.await_active({"front": "203.0.113.10:9", "db": "203.0.113.11:9", "hidden": "203.0.113.12:9"})
    delete(simulator, ids[1])
    known = {"front": "203.0.113.10:9", "hidden": "203.0.113.12:9"}
    watcher.await_active(known)

    # The API fails in several ways: the exporter goes on saying what it knows.
    unknown = 'serverspace_sd_requests_total{code="503"}'
    before_outage = exporter.samples()[unknown]
    for fault, reason in (
        ({"kind": "status", "status": 503, "envelope": "html"}, "server_error"),
        ({"kind": "content", "content": "empty_object"}, "bad_response"),
        ({"kind": "status", "status": 401}, "auth"),
    ):
        before = exporter.samples()[ERRORS % reason]
        simulator.control("PUT", "faults", [{**fault, "route": "/servers"}])
        stack.await_condition(f"{reason} is seen", lambda: exporter.samples()[ERRORS % reason] != before)
        watcher.keeps(known, failed=False)
    assert exporter.samples()[unknown] == before_outage

    # It restarts while the API is down. Prometheus keeps what it has while nobody answers, and while the answer is 503.
    assert exporter.stop() == 0
    simulator.control("PUT", "faults", [{"kind": "status", "status": 503, "route": "/servers"}])
    watcher.keeps(known, failed=True)
    with start(exporter.address) as again:
        again.await_ready()
        check_refused(again, 503)
        watcher.keeps(known, failed=True)
        # A key that is refused, here but for VMware, says nothing about the servers either.
        simulator.control("PUT", "faults", [{"kind": "status", "status": 401, "route": "/servers"}])
        stack.await_condition("the key is refused", lambda: again.samples()[ERRORS % "auth"] != "0")
        check_refused(again, 503)
        watcher.keeps(known, failed=True)
        simulator.control("DELETE", "faults")
        stack.await_condition("the list is back", lambda: again.get("/sd").status == 200)
        watcher.keeps(known, failed=False)

        # Without a server there is nothing, and that is said.
        for server in (ids[0], ids[2], ids[3]):
            delete(simulator, server)
        watcher.await_active({})
        assert again.get("/sd").text == "[]\n"


def check_shipped_jobs(simulator, exporter, directory):
    """The examples are good configurations, and their relabelling does what they say."""
    for path in sorted(SHIPPED.glob("*.yml")):
        subprocess.run(["promtool", "check", "config", path], check=True, capture_output=True)
    add(simulator, "plain", [public("203.0.113.21")])
    add(simulator, "windows", [public("203.0.113.22")], tags=["a", "port-9182", "z"])
    add(simulator, "secret", [public("203.0.113.23")], tags=["unmonitored"])
    add(simulator, "ordered", [public("203.0.113.24")], state="New")
    add(simulator, "store", [public("203.0.113.25"), private("10.0.0.25")], tags=["postgres"])
    stack.await_condition("the new servers", lambda: "203.0.113.25:9100" in targets(exporter), pause=0.1)
    text = (SHIPPED / "service-discovery.yml").read_text()
    config = directory / "shipped.yml"
    config.write_text(text.replace("localhost:10066", exporter.address))

    def addresses(job):
        answer = subprocess.run(
            ["promtool", "check", "service-discovery", config, job], check=True, capture_output=True, text=True
        )
        found = [target["labels"] for target in json.loads(answer.stdout[answer.stdout.index("[") :])]
        return {labels["instance"]: labels["__address__"] for labels in found if labels}

    assert addresses("serverspace-nodes") == {
        "plain": "203.0.113.21:9100", "windows": "203.0.113.22:9182", "store": "203.0.113.25:9100"
    }  # fmt: skip
    assert addresses("serverspace-postgres") == {"store": "10.0.0.25:9187"}


def check_file(bin_dir, simulator, config, directory):
    """`once --sd` replaces the file whole, or leaves it as it was."""
    path = directory / "targets" / "nodes.json"
    path.parent.mkdir()
    program = pathlib.Path(bin_dir) / "serverspace_exporter"

    def once(status, *flags):
        command = [program, "once", "--config.file", config, "--sd", path, *flags]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=stack.PATIENCE_SECONDS)
        assert result.returncode == status, f"{command}: {result}"
        return result

    simulator.control("DELETE", "requests")
    quiet = once(0)
    assert quiet.stdout == "" and quiet.stderr == "", quiet
    routes = {(r["route"]) for r in simulator.control("GET", "requests")["requests"]}
    assert routes == {"/project", "/servers", "/vmware/servers", "/vmware/networks"}, routes
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    whole = path.read_text()
    assert {"203.0.113.21:9100"} < {target for group in json.loads(whole) for target in group["targets"]}
    once(0, "--sd.query=port=1&network=private&tag=postgres&project=" + PROJECT)
    assert [group["targets"] for group in json.loads(path.read_text())] == [["10.0.0.25:1"]]
    page = once(0, "--output", directory / "page.prom")
    assert "serverspace_up" in (directory / "page.prom").read_text() and page.stdout == ""
    assert path.read_text() == whole

    for fault in (
        {"kind": "status", "status": 401},
        {"kind": "status", "status": 404, "route": "/servers"},
        {"kind": "content", "content": "empty_object", "route": "/servers"},
        {"kind": "status", "status": 400, "route": "/vmware/*"},
    ):
        simulator.control("PUT", "faults", [fault])
        assert "the targets stay as they were" in once(1).stderr
        assert path.read_text() == whole, "the old file stays"
    simulator.control("DELETE", "faults")
    assert os.listdir(path.parent) == [path.name], "nothing else is left behind"
    assert "--sd.query" in once(2, "--sd.query=project=nobody").stderr
    assert "port" in once(2, "--sd.query=port=x").stderr
    path = directory / "nowhere" / "nodes.json"
    assert "cannot write the targets" in once(1).stderr


def main(bin_dir):
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, "--servers", "0") as simulator:
        config = stack.config_of(simulator, directory, CONFIG)

        def start(listen):
            return stack.Exporter(bin_dir, directory, "--config.file", config, listen=listen)

        with contextlib.ExitStack() as programs:
            exporter = programs.enter_context(start(f"{LISTEN_HOST}:0"))
            ids = make_servers(simulator, exporter)
            check_answers(exporter, ids)
            jobs = [scrape_config(exporter.address)]
            prometheus = programs.enter_context(Prometheus(directory, {}, scrape_configs=jobs))
            check_prometheus(simulator, exporter, start, prometheus, ids)
        with start(f"{LISTEN_HOST}:0") as exporter:
            stack.await_condition("the first lists", lambda: exporter.get("/sd").status == 200)
            check_shipped_jobs(simulator, exporter, directory)
        check_file(bin_dir, simulator, config, directory)


if __name__ == "__main__":
    main(sys.argv[1])
    print("discovery loses nothing")
