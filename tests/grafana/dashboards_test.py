#!/usr/bin/env python3
"""Every query of every dashboard has an answer in a real Prometheus that scrapes real exporters with the shipped rules.

dashboards_test.py BIN_DIR

The simulator has a bit of everything: servers that are blocked, busy and off, alerts that fire, an API with news. Two
exporters overlap, as while one is replaced. The rules of money need days: a past is written into the storage first.
"""

import math
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import boards  # noqa: E402
import stack  # noqa: E402
from alert_stack import fast_rules  # noqa: E402
from prometheus_server import Prometheus  # noqa: E402

COLLECTORS = ("project", "servers", "networks", "gateways", "kubernetes", "vmware", "domains")
CONFIG = """\
collectors: { snapshots: { enabled: true }, backups: { enabled: true }, project: { interval: 10s }, servers: { interval: 10s } }
thresholds: { balance: { USD: { warning: 1000000, critical: 10 } } }
tasks: { watch: [WATCHED] }"""
DAY = 86400
# What the variables stand for: all of it, some of it.
EVERYTHING = {"project": ".*", "location": ".*", "server": ".*", "instance": ".*"}
SPANS = {"__rate_interval": "20s", "__range": "2d", "__interval": "1s"}


def write_past(directory, now):
    """Nine days in which each project spends 10 a day, with a top-up on every third, as an exporter would have told it."""
    lines = []
    times = range(now - 9 * DAY, now - 600, 300)

    def family(name, kind, sample, labels, value):
        lines.append(f"# TYPE {name} {kind}")
        for project in ("project-0", "project-1"):
            own = f'job="one",instance="exporter",project="{project}"{labels}'
            lines.extend(f"{sample}{{{own}}} {value(t - times[0], t)} {t}" for t in times)

    family(
        "serverspace_project_spend", "counter", "serverspace_project_spend_total", ',currency="USD"', lambda s, t: s * 10 / DAY
    )
    family(
        "serverspace_project_topup",
        "counter",
        "serverspace_project_topup_total",
        ',currency="USD"',
        lambda s, t: s // (3 * DAY) * 30,
    )
    family(
        "serverspace_project_balance",
        "gauge",
        "serverspace_project_balance",
        ',currency="USD"',
        lambda s, t: 500 - s * 10 / DAY,
    )
    family(
        "serverspace_collector_last_success_timestamp_seconds", "gauge", "serverspace_collector_last_success_timestamp_seconds",
        ',collector="project"', lambda s, t: t,
    )  # fmt: skip
    path = pathlib.Path(directory) / "past.openmetrics"
    path.write_text("\n".join(lines) + "\n# EOF\n")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "--max-block-duration=360h", "openmetrics", path, pathlib.Path(directory) / "prometheus"],
        check=True, capture_output=True,
    )  # fmt: skip


def populate(simulator):
    """A bit of everything in the first project; answers a server's id."""
    project = "projects/project-0"
    states = simulator.control("POST", f"{project}/servers", {"count": 3, "state": "Active"})["ids"]
    simulator.control("PATCH", f"{project}/servers/{states[0]}", {"state": "Blocked"})
    simulator.control("PATCH", f"{project}/servers/{states[1]}", {"state": "Busy"})
    simulator.control("PATCH", f"{project}/servers/{states[2]}", {"is_power_on": False})
    simulator.control("POST", f"{project}/servers", {"count": 1, "state": "Odd"})
    for name in ("project-0", "project-1"):
        simulator.control("PATCH", f"projects/{name}", {"first_balance": "410.50", "currency": "USD"})
    body = '{"ssh_keys":[5,{"id":311,"name":"ops"}]}'
    keys = {"kind": "raw", "route": "/ssh-keys", "body": body, "content_type": "application/json"}
    simulator.control("POST", "faults", keys)
    # It fails from the first time on.
    simulator.control("POST", "faults", {"kind": "status", "status": 500, "project": "project-1", "route": "/domains"})
    return states[2]


def hand_over(simulator, server, watched):
    """Tasks on a server that end in each way, or not; their ids go to the file that the exporters watch."""
    for outcome, seconds in (("Completed", 1), ("Failed", 1), ("Canceled", 1), ("Completed", 3600)):
        task = {"project": "project-0", "type": "UpdateServer", "duration_seconds": seconds, "outcome": outcome}
        task["resources"] = [{"type": "server", "id": server}]
        task_id = simulator.control("POST", "tasks", task)["task_id"]
        with open(watched, "a", encoding="utf-8") as file:
            file.write(f"{task_id} project-0\n")


class Answers:
    def __init__(self, prometheus):
        self.prometheus = prometheus
        self.problems = []
        self.queries = 0

    def ask(self, target, variables):
        """`[(labels, values)]` of a target, as its panel would ask."""
        expression = boards.filled(target["expr"], **variables, **SPANS)
        self.queries += 1
        if target["instant"]:
            rows = self.prometheus.api("query", query=expression)["result"]
            return [(row["metric"], [float(row["value"][1])]) for row in rows]
        now = time.time()
        step, span = (DAY, 5 * DAY) if target.get("interval") == "1d" else (1, 20)
        rows = self.prometheus.api("query_range", query=expression, start=now - span, end=now, step=step)["result"]
        return [(row["metric"], [float(value) for _, value in row["values"]]) for row in rows]

    def check_panel(self, where, panel):
        labels = {}
        for target in panel["targets"]:
            place = f"{where} {target['refId']}"
            rows = self.ask(target, EVERYTHING)
            if not any(not math.isnan(value) for _, values in rows for value in values):
                self.problems.append(f"{place} has no answer: {target['expr']}")
                continue
            names = set().union(*(row.keys() for row, _ in rows))
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                if label not in names:
                    self.problems.append(f"{place}: its legend names {label}, there are {names}")
            labels[target["refId"]] = (names, [row for row, _ in rows])
            # With something else chosen it may be empty, but not wrong.
            self.ask(target, EVERYTHING | {"project": "(project-0|project-1)", "location": "am2", "server": "none"})
        if panel["type"] == "table" and len(labels) == len(panel["targets"]):
            self.check_table(where, panel, labels)

    def check_table(self, where, panel, labels):
        """Columns are there, and rows are joined on labels that tell them apart."""
        columns = panel["transformations"][-1]["options"]["renameByName"]
        names = set().union(*(names for names, _ in labels.values()))
        for column in columns:
            letter = re.fullmatch(r"Value #(\w)", column)
            if not (column == "Value" or (letter.group(1) in labels if letter else column in names)):
                self.problems.append(f"{where}: nothing has the column {column}, there are {names}")
        shared = set.intersection(*(names for names, _ in labels.values()))
        for letter, (_, rows) in labels.items():
            keys = [tuple(sorted((name, row.get(name, "")) for name in shared)) for row in rows]
            if not shared or len(labels) > 1 and len(keys) != len(set(keys)):
                self.problems.append(f"{where} {letter}: {shared} do not tell its rows apart")

    def check_variable(self, where, variable):
        match = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"])
        series, label = boards.filled(match.group(1), **EVERYTHING), match.group(2)
        if not self.prometheus.api(f"label/{label}/values", **{"match[]": series}):
            self.problems.append(f"{where}: no values of {series}")


def check(answers, found):
    for name, board in found.items():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                answers.check_variable(f"{name}: ${variable['name']}", variable)
        for annotation in board["annotations"]["list"]:
            if "expr" in annotation:
                rows = answers.prometheus.api(
                    "query_range", query=boards.filled(annotation["expr"], **EVERYTHING, **SPANS),
                    start=time.time() - 7 * DAY, end=time.time(), step=300,
                )["result"]  # fmt: skip
                if not rows:
                    answers.problems.append(f"{name}: no event {annotation['name']}")
        for panel in boards.charts(board):
            answers.check_panel(f"{name}: {panel['title']}", panel)


def main(bin_dir):
    found = boards.boards()
    with stack.scratch() as directory, stack.Simulator(
        bin_dir, directory, "--seed", "7", "--servers", "6", "--projects", "2"
    ) as simulator:
        server = populate(simulator)
        watched = directory / "tasks"
        config = stack.config_of(simulator, directory, CONFIG.replace("WATCHED", str(watched)))
        config.write_text(config.read_text().replace("api_key_file:", "api_key_expires: 2037-01-01, api_key_file:"))
        write_past(directory, int(time.time()) // 300 * 300)
        other = directory / "other"
        other.mkdir()
        with stack.Exporter(bin_dir, directory, "--config.file", config) as one, stack.Exporter(
            bin_dir, other, "--config.file", config
        ) as two, Prometheus(directory, {"one": one.address, "two": two.address}, fast_rules(directory, 5)) as prometheus:
            stack.await_condition("exporters", lambda: len(prometheus.vector("serverspace_tasks_pending")) == 4)
            hand_over(simulator, server, watched)
            for exporter in (one, two):
                stack.await_condition("targets", lambda e=exporter: e.get("/sd?network=private").status == 200)
                exporter.await_first_runs()
            for series in (
                'ALERTS{alertname="ServerspaceTaskFailed", alertstate="firing"}',
                "count(increase(serverspace_task_duration_seconds_count[1m]) > 0) == 2",
                "serverspace_server_backup_enabled", "serverspace_server_snapshots", "serverspace_vmware_servers",
                "serverspace_api_bad_items_total", "serverspace_api_unknown_values_total",
                "project_currency:serverspace_project_runway_seconds:min",
                "project_currency:serverspace_project_spend_per_second:rate7d",
                'ALERTS{alertname="ServerspaceBalanceLow", alertstate="firing"}',
                'ALERTS{alertname="ServerspaceServerBlocked", alertstate="firing"}',
                'ALERTS{alertname="ServerspaceServerStuck", alertstate="firing"}',
                'ALERTS{alertname="ServerspaceCollectorStale", alertstate="firing"}',
                "count_over_time(serverspace_api_request_retries_total[1m]) > 12",
                "count_over_time(serverspace_sd_requests_total[1m]) > 3",
            ):  # fmt: skip
                stack.await_condition(series, lambda s=series: prometheus.vector(s), pause=0.2)
            runway = prometheus.vector('project_currency:serverspace_project_runway_seconds:min{project="project-0"}')
            days = [float(value) / DAY for value in runway.values()]
            assert len(days) == 1 and abs(days[0] - 41) < 1, f"410.50 at 10 a day last for {days}"
            answers = Answers(prometheus)
            check(answers, found)
            assert not answers.problems, "\n".join(answers.problems)
            # Where nothing is known yet there is no answer, and no error either.
            (directory / "empty").mkdir()
            with Prometheus(directory / "empty", {}, fast_rules(directory / "empty")) as empty:
                nothing = Answers(empty)
                for board in found.values():
                    for panel in boards.charts(board):
                        rows = [row for target in panel["targets"] for row in nothing.ask(target, EVERYTHING)]
                        assert not rows, f"{board['title']}: {panel['title']} knows {rows} from nothing"
            return answers.queries


if __name__ == "__main__":
    print(f"{main(sys.argv[1])} queries were answered")
