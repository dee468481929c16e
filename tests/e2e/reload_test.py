#!/usr/bin/env python3
"""Projects come, go, and get other keys and settings while the exporter runs; the others do not notice.

With the real programs: by SIGHUP and by POST /-/reload, with configurations that are good and that are broken, and by a key
file that is replaced without a word.
"""

import contextlib
import http.client
import os
import re
import signal
import sys

import stack

COLLECTORS = "collectors: { project: { interval: 10s }, servers: { interval: 10s } }"
SUCCESSFUL = "serverspace_exporter_config_last_reload_successful"
SUCCESS_TIME = "serverspace_exporter_config_last_reload_success_timestamp_seconds"


class Rig:
    def __init__(self, bin_dir, directory, simulator):
        self.bin_dir, self.directory, self.simulator = bin_dir, directory, simulator
        self.config = directory / "exporter.yml"
        self.key_dir = directory / "used-keys"
        self.key_dir.mkdir()

    def key(self, name, number):
        """The key file of a project, with the key of the simulator's project `number`; replaced as key managers do it."""
        new = self.directory / "new-key"
        new.write_text(self.simulator.keys()[number].read_text())
        new.chmod(0o600)
        os.replace(new, self.key_dir / name)

    def write(self, names, extra=COLLECTORS):
        lines = [f"api: {{ ca_file: {self.simulator.ca_file}, base_url: '{self.simulator.base_url}' }}", extra, "projects:"]
        lines += [f"  - {{ name: {name}, api_key_file: {self.key_dir / name} }}" for name in names]
        self.config.write_text("\n".join(lines) + "\n")

    def start(self, *flags):
        return stack.Exporter(self.bin_dir, self.directory, "--config.file", self.config, *flags)


def post(exporter):
    connection = http.client.HTTPConnection(*exporter.place, timeout=stack.PATIENCE_SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", "/-/reload")
        return stack.Answer(connection.getresponse())


def of_project(samples, name):
    return {series: value for series, value in samples.items() if f'project="{name}"' in series}


def up(exporter, name):
    return exporter.samples().get(f'serverspace_up{{project="{name}"}}')


def info(exporter, name):
    """The ids of the servers that are shown for a project."""
    return {series for series in of_project(exporter.samples(), name) if series.startswith("serverspace_server_info{")}


def await_other_servers(exporter, project, before):
    """Those of the former project go first."""

    def are_other():
        servers = info(exporter, project)
        return bool(servers) and servers.isdisjoint(before)

    stack.await_condition("the servers of the other key", are_other)


def check_added_and_removed(rig, exporter):
    """By SIGHUP: what stays goes on as if nothing had happened."""
    exporter.await_first_runs()
    before = of_project(exporter.samples(), "stays")
    since = {s: v for s, v in before.items() if "state_since" in s or "spend_total" in s or "topup_total" in s}
    assert since and of_project(exporter.samples(), "goes")
    rig.write(["stays", "comes"])
    os.kill(exporter.pid, signal.SIGHUP)
    stack.await_condition("the new project", lambda: up(exporter, "comes") == "1")
    # Its other collectors are on their way still.
    exporter.await_first_runs()
    samples = exporter.samples()
    assert not of_project(samples, "goes"), of_project(samples, "goes")
    after = of_project(samples, "stays")
    assert set(after) == set(before), set(after) ^ set(before)
    for series, value in since.items():
        assert after[series] == value, series
    for series, value in before.items():
        if "_total{" in series:
            assert float(after[series]) >= float(value), f"{series} went back"
    assert samples["serverspace_exporter_projects"] == "2"
    assert "configuration reloaded" in exporter.text()
    assert exporter.get("/metrics?project=goes").status == 400
    assert exporter.get("/metrics?project=comes").status == 200


def check_broken_changes_nothing(rig, exporter):
    good = rig.config.read_text()
    stamp = exporter.samples()[SUCCESS_TIME]
    names = {series for series in exporter.samples() if series.startswith(("serverspace_server", "serverspace_project"))}
    rig.config.write_text(good.replace("projects:", "no_such_thing: 1\nprojects:") + "  - { name: stays }\n")
    answer = post(exporter)
    assert answer.status == 500, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "no_such_thing" in answer.text and "stays" in answer.text, answer.text
    assert str(rig.config) + ":" in answer.text
    samples = exporter.samples()
    assert samples[SUCCESSFUL] == "0"
    assert samples[SUCCESS_TIME] == stamp
    assert names == {s for s in samples if s.startswith(("serverspace_server", "serverspace_project"))}
    os.kill(exporter.pid, signal.SIGHUP)
    stack.await_condition("a second refusal", lambda: exporter.text().count("configuration not reloaded") >= 4)
    rig.config.unlink()
    assert post(exporter).status == 500
    # A CA file that the loader can read but that holds no certificates.
    bad_ca = rig.directory / "bad-ca.pem"
    bad_ca.write_text("nothing\n")
    rig.config.write_text(good.replace(str(rig.simulator.ca_file), str(bad_ca)))
    answer = post(exporter)
    assert answer.status == 500 and "ca_file" in answer.text, answer.text
    assert names == {s for s in exporter.samples() if s.startswith(("serverspace_server", "serverspace_project"))}
    assert "the last reload was refused" in exporter.get("/").text
    rig.config.write_text(good)
    answer = post(exporter)
    assert "refused" not in exporter.get("/").text
    assert (answer.status, answer.text) == (200, "reloaded\n"), answer.text
    samples = exporter.samples()
    assert samples[SUCCESSFUL] == "1"
    assert float(samples[SUCCESS_TIME]) >= float(stamp)


def check_key_in_place(rig, exporter):
    """Without a reload: the next run uses the key that the file has then."""
    before = info(exporter, "comes")
    readable = 'serverspace_project_api_key_readable{project="comes"}'
    (rig.key_dir / "comes").unlink()
    # A reload, though refused, looks at once.
    assert post(exporter).status == 500
    assert exporter.samples()[readable] == "0"
    assert "its file gives no key" in exporter.get("/").text
    stack.await_condition("the unreadable key", lambda: exporter.samples()[readable] == "0")
    assert up(exporter, "comes") == "1", "the key before is still good"
    assert exporter.text().count("the key file gives no key") == 1
    rig.key("comes", 3)
    await_other_servers(exporter, "comes", before)
    assert exporter.samples()[readable] == "1"
    assert "the API key was replaced" in exporter.text()
    stack.await_condition("a new baseline", lambda: "the balance has a new baseline" in exporter.text())


def check_other_key_file(rig, exporter):
    """By POST: data stays until the first result, which comes at once."""
    before = info(exporter, "stays")
    rig.simulator.control("POST", "faults", {"kind": "hang_headers", "project": "project-2"})
    rig.key("next", 2)
    rig.config.write_text(rig.config.read_text().replace(f"{rig.key_dir / 'stays'} ", f"{rig.key_dir / 'next'} "))
    assert post(exporter).status == 200
    assert info(exporter, "stays") == before and up(exporter, "stays") == "1"
    assert re.search(r"configuration reloaded.*reconnected=1", exporter.text())
    rig.simulator.control("DELETE", "faults")
    await_other_servers(exporter, "stays", before)


def check_settings(rig, exporter):
    currency = re.search(r'serverspace_project_spend_total\{project="comes",currency="(\w+)"', exporter.get().text)[1]
    rig.write(["stays", "comes"], "collectors: { servers: { enabled: false }, project: { interval: 30s } }\n"
              f"thresholds: {{ balance: {{ {currency}: {{ warning: 7 }} }} }}")  # fmt: skip
    assert post(exporter).status == 200
    samples = exporter.samples()
    assert not any(series.startswith("serverspace_server_") for series in samples)
    assert samples['serverspace_collector_interval_seconds{project="comes",collector="project"}'] == "30"
    assert samples['serverspace_project_balance_threshold{project="comes",severity="warning"}'] == "7"
    rig.write(["stays", "comes"])
    assert post(exporter).status == 200
    stack.await_condition("servers again", lambda: info(exporter, "comes"))


def check_lifecycle_is_off_by_default(rig):
    with rig.start() as exporter:
        reloads = exporter.text().count("configuration reloaded")
        answer = post(exporter)
        assert answer.status == 403 and "--web.enable-lifecycle" in answer.text
        assert exporter.text().count("configuration reloaded") == reloads
        assert exporter.stop() == 0


def check_shards(rig):
    """Two shards share the projects out, none twice; one may be left without any."""
    names = [f"customer-{i}" for i in range(8)] + ["alone"]
    for name in names:
        rig.key(name, 0)
    for watched in (names, ["alone"]):
        rig.write(watched)
        seen = []
        for index in ("0", "1"):
            with rig.start("--shard.count", "2", "--shard.index", index) as exporter:
                exporter.await_ready()
                samples = exporter.samples()
                ups = [s for s in samples if s.startswith("serverspace_up{")]
                assert samples["serverspace_exporter_projects"] == str(len(ups))
                seen += ups
                assert exporter.stop() == 0
        assert sorted(seen) == sorted(f'serverspace_up{{project="{name}"}}' for name in watched)
    with stack.Program(
        [f"{rig.bin_dir}/serverspace_exporter", "--config.file", rig.config, "--shard.count=2", "--shard.index=2"],
        rig.directory / "refused.log",
    ) as program:
        assert program.process.wait(10) == 2
        assert "--shard.index: the shard is 2" in program.text(), program.text()


def main(bin_dir):
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, "--projects", "4") as simulator:
        rig = Rig(bin_dir, directory, simulator)
        for number, name in enumerate(("stays", "goes", "comes")):
            rig.key(name, number)
        rig.write(["stays", "goes"])
        with rig.start("--web.enable-lifecycle") as exporter:
            exporter.await_ready()
            assert exporter.samples()[SUCCESSFUL] == "1", "the start counts"
            check_added_and_removed(rig, exporter)
            check_broken_changes_nothing(rig, exporter)
            check_key_in_place(rig, exporter)
            check_other_key_file(rig, exporter)
            check_settings(rig, exporter)
            keys = [key.read_text().strip() for key in simulator.keys()]
            assert not any(key in exporter.text() for key in keys)
            assert exporter.stop() == 0
        check_lifecycle_is_off_by_default(rig)
        check_shards(rig)


if __name__ == "__main__":
    main(sys.argv[1])
    print("reloads change what they should and nothing else")
