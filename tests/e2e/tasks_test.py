#!/usr/bin/env python3
"""Watched tasks with the real programs: ids handed over in files and by HTTP, until they end, over restarts and kills.

tasks_test.py BIN_DIR
"""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import time

import stack

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "tasks.md"
PROJECT = "project-0"
MANY = 10_000


def finished(samples, result, project=PROJECT):
    return float(samples[f'serverspace_tasks_finished_total{{project="{project}",result="{result}"}}'])


def pending(samples, project=PROJECT):
    return float(samples[f'serverspace_tasks_pending{{project="{project}"}}'])


def state_of(samples, task, project=PROJECT):
    """The state that is 1, or None."""
    shape = re.compile(
        rf'serverspace_task_state\{{project="{re.escape(project)}",task_id="{re.escape(task)}",state="([^"]+)"\}}'
    )
    states = [m.group(1) for series, value in samples.items() if (m := shape.fullmatch(series)) and value == "1"]
    assert len(states) <= 1, states
    return states[0] if states else None


def await_samples(exporter, what, condition, seconds=stack.PATIENCE_SECONDS):
    def look():
        samples = exporter.samples()
        return samples if condition(samples) else None

    return stack.await_condition(what, look, seconds)


def make_task(simulator, **members):
    return simulator.control("POST", "tasks", {"project": PROJECT, **members})["task_id"]


def append(path, *lines):
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))


def call_api(simulator, method, path, body=None):
    """As a user of the cloud would."""
    context = stack.ssl.create_default_context(cafile=simulator.ca_file)
    connection = http.client.HTTPSConnection("localhost", simulator.port, context=context, timeout=30)
    with contextlib.closing(connection):
        headers = {"X-API-KEY": simulator.keys()[0].read_text().strip(), "Content-Type": "application/json"}
        connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
        assert response.status < 300, (method, path, response.status, text)
        return json.loads(text) if text else None


def task_requests(simulator):
    rows = simulator.control("GET", "requests")["requests"]
    return sum(row["count"] for row in rows if row["route"] == "/tasks/{id}")


@contextlib.contextmanager
def world(bin_dir, *flags, extra=""):
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, "--servers", 2, *flags) as simulator:
        (directory / "state").mkdir()
        (directory / "tasks.d").mkdir()
        config = stack.config_of(
            simulator,
            directory,
            f"state_file: {directory}/state/state.json\n"
            f"tasks: {{ watch: [ {directory}/tasks.d, {directory}/later ] }}\n" + extra,
        )
        yield directory, simulator, ["--config.file", config]


def check_lives(bin_dir):
    """Every family and every end, by files that come, grow and are rotated."""
    with world(bin_dir, "--time-factor", 20) as (directory, simulator, start):
        watched = directory / "tasks.d" / "ci"
        with stack.Exporter(bin_dir, directory, *start) as exporter:
            exporter.await_ready()
            samples = exporter.samples()
            assert pending(samples) == 0 and finished(samples, "lost") == 0
            tasks = {
                "vstack": make_task(simulator, family="vstack", duration_seconds=40, outcome="Completed"),
                "dns": make_task(simulator, family="dns", duration_seconds=40, outcome="Failed"),
                "vmware": make_task(simulator, family="vmware", duration_seconds=40, outcome="Canceled"),
                "kubernetes": make_task(simulator, family="kubernetes", duration_seconds=10_000),
            }
            # And a change of a real server.
            server = call_api(simulator, "GET", "/servers")["servers"][0]["id"]
            tasks["reboot"] = call_api(simulator, "POST", f"/servers/{server}/power/reboot")["task_id"]
            append(watched, "# ids of a test", "", "no-id at all", "already_completed_task", *tasks.values())
            await_samples(exporter, "ids taken", lambda s: pending(s) > 0)
            samples = await_samples(
                exporter, "four ends", lambda s: sum(finished(s, r) for r in ("completed", "failed", "canceled")) == 4
            )
            assert [finished(samples, r) for r in ("completed", "failed", "canceled", "lost")] == [2, 1, 1, 0], samples
            resource = f'task_id="{tasks["reboot"]}",type="server",resource_id="{server}"'
            assert any(resource in series for series in samples), samples
            assert state_of(samples, tasks["vstack"]) == "completed"
            assert state_of(samples, tasks["dns"]) == "failed"
            assert state_of(samples, tasks["vmware"]) == "canceled"
            assert pending(samples) == 1
            await_samples(exporter, "the running one", lambda s: state_of(s, tasks["kubernetes"]) == "inprogress")
            assert samples[f'serverspace_task_duration_seconds_count{{project="{PROJECT}"}}'] == "2"
            stack.await_condition(
                "the bad line counted",
                lambda: exporter.samples()['serverspace_tasks_refused_total{reason="malformed"}'] == "1",
            )
            assert "no-id" not in exporter.text(), exporter.text()
            page = exporter.get("/").text
            assert "Watched tasks" in page and "1 failed" in page, page

            # A file that comes later, and a rotation.
            other = make_task(simulator, duration_seconds=10_000)
            append(directory / "later", f"{other} {PROJECT}")
            await_samples(exporter, "the later file", lambda s: state_of(s, other))
            third, fourth = (make_task(simulator, duration_seconds=10_000) for _ in range(2))
            append(directory / "later", third)
            (directory / "later").rename(directory / "later.1")
            append(directory / "later", fourth)
            await_samples(exporter, "both sides of a rotation", lambda s: state_of(s, third) and state_of(s, fourth))
            filtered = exporter.get(f"/metrics?collect[]=tasks&project={PROJECT}").text
            assert "serverspace_task_state" in filtered and "serverspace_servers" not in filtered
            assert exporter.stop() == 0


def check_restarts(bin_dir):
    """What was learnt survives; nothing is asked or counted twice; a file is not read again."""
    with world(bin_dir) as (directory, simulator, start):
        watched = directory / "tasks.d" / "ci"
        done = make_task(simulator, duration_seconds=0, outcome="Completed")
        running = make_task(simulator, duration_seconds=10_000)
        append(watched, done, running)
        with stack.Exporter(bin_dir, directory, *start) as exporter:
            await_samples(exporter, "one end", lambda s: finished(s, "completed") == 1 and state_of(s, running))
            assert exporter.stop() == 0
        meanwhile = make_task(simulator, duration_seconds=0, outcome="Failed")
        append(watched, meanwhile)
        simulator.control("DELETE", "requests")
        with stack.Exporter(bin_dir, directory, *start) as exporter:
            samples = exporter.samples()
            assert finished(samples, "completed") == 1 and state_of(samples, done) == "completed", samples
            assert pending(samples) >= 1
            samples = await_samples(exporter, "what came meanwhile", lambda s: finished(s, "failed") == 1)
            assert finished(samples, "completed") == 1
            assert task_requests(simulator) <= 6, simulator.control("GET", "requests")
            assert exporter.stop() == 0


def check_kills(bin_dir, kills=12):
    """Killed at any moment, no counter goes back, no id is lost and none is counted twice."""
    with world(bin_dir) as (directory, simulator, start):
        watched = directory / "tasks.d" / "ci"
        start = [*start, "--api.max-requests-per-second", "100"]
        highest = 0.0
        handed = 0
        for kill in range(kills):
            ids = [make_task(simulator, duration_seconds=0, outcome="Completed") for _ in range(5)]
            append(watched, *ids)
            handed += len(ids)
            if kill % 3 == 2:
                watched.rename(directory / "tasks.d" / f"ci.{kill}")
            with stack.Exporter(bin_dir, directory, *start) as exporter:
                deadline = time.monotonic() + 0.3 * (kill % 5)
                while time.monotonic() < deadline:
                    now = finished(exporter.samples(), "completed")
                    assert now >= highest, f"went back from {highest} to {now}"
                    highest = now
                assert exporter.stop(signal.SIGKILL) == -signal.SIGKILL
        with stack.Exporter(bin_dir, directory, *start) as exporter:
            now = finished(exporter.samples(), "completed")
            assert now >= highest, f"went back from {highest} to {now}"
            await_samples(exporter, "every id", lambda s: finished(s, "completed") >= handed)
            # This one is taken by a later look at all files: whatever was taken twice has been counted by its end.
            last = make_task(simulator, duration_seconds=0, outcome="Failed")
            append(watched, last)
            samples = await_samples(exporter, "the last id", lambda s: finished(s, "failed") == 1 and pending(s) == 0)
            assert finished(samples, "completed") == handed, samples
            assert exporter.stop() == 0


def check_many(bin_dir):
    """Ten thousand ids at once: the API sees no more than its share, the collectors run as ever, scrapes stay quick."""
    with world(bin_dir) as (directory, simulator, start):
        start = [*start, "--collector.project.interval", "10s", "--collector.servers.interval", "10s"]
        newest = make_task(simulator, duration_seconds=0, outcome="Completed")
        with stack.Exporter(bin_dir, directory, *start) as exporter:
            exporter.await_ready()
            simulator.control("DELETE", "requests")
            began = time.monotonic()
            append(directory / "tasks.d" / "many", *(f"l1t{900_000 + i}" for i in range(MANY)))
            await_samples(exporter, "all ids taken", lambda s: pending(s) == MANY, 10)
            append(directory / "tasks.d" / "new", newest)
            await_samples(exporter, "the newest first", lambda s: finished(s, "completed") == 1, 20)
            slowest = 0.0
            while time.monotonic() < began + 25:
                before = time.monotonic()
                exporter.get(headers=stack.OPEN_METRICS)
                slowest = max(slowest, time.monotonic() - before)
                time.sleep(0.2)
            samples = exporter.samples()
            seconds = time.monotonic() - began
            asked = task_requests(simulator)
            # Half of the five a second, and one round.
            assert 10 <= asked <= 2.5 * seconds + 10, f"{asked} in {seconds} s"
            for collector in ("project", "servers"):
                age = time.time() - float(
                    samples[
                        "serverspace_collector_last_success_timestamp_seconds"
                        f'{{project="{PROJECT}",collector="{collector}"}}'
                    ]
                )
                assert age < 15, f"{collector} last succeeded {age} s ago"
            assert finished(samples, "lost") == 0
            assert slowest < 2, f"a scrape took {slowest:.1f} s"
            assert exporter.stop(seconds=5) == 0
        with stack.Exporter(bin_dir, directory, *start) as exporter:
            await_samples(exporter, "all of them after a restart", lambda s: pending(s) == MANY, 10)
            assert exporter.stop(seconds=5) == 0
        return f"{MANY} ids: {asked} requests in {seconds:.0f} s, slowest scrape {slowest * 1000:.0f} ms"


def check_outage(bin_dir):
    """An outage changes nothing, and the API is not hammered meanwhile."""
    with world(bin_dir) as (directory, simulator, start):
        task = make_task(simulator, duration_seconds=10_000)
        append(directory / "tasks.d" / "ci", task)
        with stack.Exporter(bin_dir, directory, *start) as exporter:
            await_samples(exporter, "the task", lambda s: state_of(s, task) == "inprogress")
            simulator.control("PUT", "faults", [{"kind": "status", "status": 503}])
            simulator.control("DELETE", "requests")
            stack.await_condition("it asks", lambda: task_requests(simulator) > 0)
            began = time.monotonic()
            # A question is tried four times; then there is a pause of seconds.
            stack.await_condition("it asks on", lambda: task_requests(simulator) > 4)
            seconds, asked = time.monotonic() - began, task_requests(simulator)
            assert asked <= 2 + seconds, f"{asked} in {seconds:.1f} s"
            samples = exporter.samples()
            assert state_of(samples, task) == "inprogress" and pending(samples) == 1
            assert finished(samples, "lost") == 0
            simulator.control("PATCH", f"tasks/{task}", {"outcome": "Completed"})
            simulator.control("DELETE", "faults")
            await_samples(exporter, "the end after the outage", lambda s: finished(s, "completed") == 1)
            assert exporter.stop() == 0


def check_once(bin_dir):
    """Each run goes on where the last one was."""
    with world(bin_dir) as (directory, simulator, start):
        program = pathlib.Path(bin_dir) / "serverspace_exporter"

        def once():
            run = subprocess.run([program, "once", *start], capture_output=True, text=True, check=False, timeout=60)
            assert run.returncode == 0, run.stderr
            return stack.parse_samples(run.stdout)

        done = make_task(simulator, duration_seconds=0, outcome="Completed")
        running = make_task(simulator, duration_seconds=10_000)
        append(directory / "tasks.d" / "ci", done, running)
        for _ in range(2):
            samples = once()
            assert finished(samples, "completed") == 1 and pending(samples) == 1, samples
        simulator.control("PATCH", f"tasks/{running}", {"outcome": "Failed"})
        samples = once()
        assert finished(samples, "completed") == 1 and finished(samples, "failed") == 1 and pending(samples) == 0


def examples():
    """`{name: text}` of the code in the document that is said to be tested."""
    shape = re.compile(r"^<!-- tested: (\S+) -->\n```\w+\n(.*?)^```$", re.M | re.S)
    return dict(shape.findall(DOCUMENT.read_text()))


def run_script(text, directory, *arguments, environment):
    script = directory / "script"
    script.write_text(text)
    run = subprocess.run(
        ["sh", script, *arguments],
        capture_output=True, text=True, check=False, timeout=60,
        env=stack.clean_environment({"PATH": f"{directory}:{os.environ['PATH']}", **environment}),
    )  # fmt: skip
    assert run.returncode == 0, f"{run.stdout}{run.stderr}"
    return run.stdout


def check_examples(bin_dir):
    """The document's own scripts against the simulator, one of them with what stands for the official CLI."""
    found = examples()
    assert set(found) == {"s2ctl-watched", "reboot-watched", "main.tf", "ci-job"}, sorted(found)
    with world(bin_dir, "--time-factor", 20) as (directory, simulator, _):
        key = simulator.keys()[0]
        config = directory / "production.yml"
        config.write_text(
            f"api: {{ ca_file: {simulator.ca_file}, base_url: '{simulator.base_url}' }}\n"
            f"tasks: {{ watch: [ {directory}/tasks.d ] }}\n"
            f"projects: [ {{ name: production, api_key_file: {key} }} ]\n"
        )
        flags = ["--config.file", config, "--web.enable-task-api"]
        web = directory / "web.yml"
        web.write_text(f"basic_auth_users: {{ ci: '{stack.PASSWORD_HASH}' }}\n")
        servers = [server["id"] for server in call_api(simulator, "GET", "/servers")["servers"]]
        environment = {
            "TASKS_DIR": str(directory / "tasks.d"),
            "CURL_CA_BUNDLE": str(simulator.ca_file),
            "SERVERSPACE_API_KEY_FILE": str(key),
            "SERVERSPACE_HOST": simulator.base_url,
        }
        with stack.Exporter(bin_dir, directory, *flags) as exporter:
            exporter.await_ready()
            # Prints what the real one prints.
            task = make_task(simulator, duration_seconds=20)
            (directory / "s2ctl").write_text(f"#!/bin/sh\necho '{{\n    \"task_id\": \"{task}\"\n}}'\n")
            (directory / "s2ctl").chmod(0o755)
            out = run_script(found["s2ctl-watched"], directory, "production", "server", "reboot", "l1s1", environment=environment)
            assert json.loads(out) == {"task_id": task}
            await_samples(exporter, "the CLI's task", lambda s: finished(s, "completed", "production") == 1)

            if shutil.which("terraform"):
                module = directory / "module"
                module.mkdir()
                (module / "main.tf").write_text(found["main.tf"])
                (module / "reboot-watched").write_text(found["reboot-watched"])
                variables = {"TF_VAR_server_id": servers[0], "TF_VAR_reboot_reason": "kernel", "CHECKPOINT_DISABLE": "1"}
                for command in (["init"], ["apply", "-auto-approve"]):
                    run = subprocess.run(
                        ["terraform", *command, "-no-color", "-input=false"],
                        cwd=module, capture_output=True, text=True, check=False, timeout=120,
                        env=stack.clean_environment({"HOME": str(directory), **environment, **variables}),
                    )  # fmt: skip
                    assert run.returncode == 0, run.stdout + run.stderr
            else:
                run_script(found["reboot-watched"], directory, servers[0], "production", environment=environment)
            await_samples(exporter, "Terraform's task", lambda s: finished(s, "completed", "production") == 2)
            # Nobody is authenticated here.
            refused = post(exporter, {"task_id": task})
            assert refused.status == 403 and "--web.config.file" in refused.text, refused.text
            assert exporter.stop() == 0

        with stack.Exporter(bin_dir, directory, *flags, "--web.config.file", web, environment={}) as exporter:
            netrc = directory / "netrc"
            netrc.write_text(f"machine 127.0.0.1 login ci password \"{stack.PASSWORD}\"\n")
            netrc.chmod(stat.S_IRUSR)
            environment |= {"EXPORTER_NETRC": str(netrc), "EXPORTER_URL": f"http://{exporter.address}", "SERVER_ID": servers[1]}
            out = run_script(found["ci-job"], directory, environment=environment)
            handed = json.loads(out)["tasks"][0]
            assert handed["result"] == "added", out
            authorization = {"Authorization": "Basic " + base64.b64encode(f"ci:{stack.PASSWORD}".encode()).decode()}

            def ended():
                listed = json.loads(exporter.get("/api/v1/tasks", authorization).text)["tasks"]
                return any(t["task_id"] == handed["task_id"] and t.get("result") == "completed" for t in listed)

            stack.await_condition("the CI job's task", ended)
            assert post(exporter, {"task_id": handed["task_id"]}, authorization).status == 200
            assert post(exporter, {"task_id": "l1t5x"}, authorization).status == 400
            assert post(exporter, {"task_id": "l1t5", "project": "nobody"}, authorization).status == 404
            assert post(exporter, {"task_id": "x" * 70_000}, authorization).status == 413
            assert post(exporter, {"task_id": "l1t5"}).status == 401
            assert exporter.stop() == 0


def post(exporter, body, headers=None):
    connection = http.client.HTTPConnection(*exporter.place, timeout=stack.PATIENCE_SECONDS)
    with contextlib.closing(connection):
        connection.request(
            "POST", "/api/v1/tasks", json.dumps(body), {"Content-Type": "application/json", **(headers or {})}
        )
        return stack.Answer(connection.getresponse())


def main(bin_dir):
    check_lives(bin_dir)
    check_restarts(bin_dir)
    check_kills(bin_dir)
    check_outage(bin_dir)
    check_once(bin_dir)
    check_examples(bin_dir)
    return check_many(bin_dir)


if __name__ == "__main__":
    print(main(sys.argv[1]))
