#!/usr/bin/env python3
"""Every metric and label that a shipped rule, a dashboard or a rule's test names is on the page of the real exporter.

The page is one with every collector on, thresholds, a key's date, and an API that sends something new; another exporter
adds what is there with TLS only.
"""

import json
import pathlib
import re
import sys

import stack
import web_test
from alert_stack import RULES
from authority import Authority
from prometheus_server import Prometheus
from promql_names import names

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXTRA = """\
collectors: { snapshots: { enabled: true }, backups: { enabled: true } }
thresholds: { balance: { USD: { warning: 50, critical: 10 }, EUR: { warning: 50 } } }
tasks: { watch: [WATCHED] }"""
# What Prometheus and its users add to every series; `pod` stands for the latter in tests.
TARGET_LABELS = {"job", "instance", "pod"}
ALERT_LABELS = {"alertname", "alertstate", "severity", "family"}
# Series of Prometheus itself.
PROMETHEUS = {"up": set(), "ALERTS": ALERT_LABELS, "scrape_duration_seconds": set(), "scrape_samples_scraped": set()}


def page_labels(text):
    """`{metric: all its labels}` of an exposition."""
    found = {}
    for series in stack.parse_samples(text):
        metric, _, labels = series.partition("{")
        found.setdefault(metric, set()).update(re.findall(r'(\w+)="(?:\\.|[^"\\])*"', labels))
    return found


def whole_page(bin_dir, directory):
    with stack.Simulator(bin_dir, directory, "--seed", "7", "--servers", "6") as simulator:
        watched = directory / "tasks"
        task = {"project": "project-0", "type": "UpdateServer", "resources": [{"type": "server", "id": "l3s1003"}]}
        watched.write_text(simulator.control("POST", "tasks", task)["task_id"] + "\n")
        config = stack.config_of(simulator, directory, EXTRA.replace("WATCHED", str(watched)))
        config.write_text(config.read_text().replace("api_key_file:", "api_key_expires: 2037-01-01, api_key_file:"))
        simulator.control("POST", "projects/project-0/servers", {"count": 1, "state": "Odd"})
        body = '{"ssh_keys":[5,{"id":311,"name":"ops"}]}'
        keys = {"kind": "raw", "route": "/ssh-keys", "body": body, "content_type": "application/json"}
        simulator.control("POST", "faults", keys)
        with stack.Exporter(bin_dir, directory, "--config.file", config) as exporter:
            stack.await_condition("targets", lambda: exporter.get("/sd").status == 200)
            exporter.await_first_runs()

            def settled():
                # The last to come: what is new in an answer, and the second collectors of each server.
                text = exporter.get().text
                last = (
                    "unknown_values_total{", "bad_items_total{", "server_snapshots{", "backup_enabled{", "vmware_servers{",
                    "task_resource_info{",
                )  # fmt: skip
                return text if all(word in text for word in last) else None

            return stack.await_condition("the whole page", settled)


def secure_page(bin_dir, directory):
    authority = Authority(directory, "ca")
    authority.issue(directory / "server.pem", directory / "server.key")
    config = directory / "web.yml"
    web_test.web_config(config, {"alice": web_test.HASH})
    # It needs no answer of an API to show its own certificate.
    key = {"SERVERSPACE_API_KEY": "none", "SERVERSPACE_HOST": "https://localhost:1"}
    with web_test.SecureExporter(bin_dir, directory, authority, "--web.config.file", config, environment=key) as exporter:
        return exporter.ask().text


# What a level cannot say.
LABELS_OF_RECORDS = {"project_task:serverspace_task_info:named": {"project", "task_id", "type", "name"}}


def record_labels(name):
    """The labels of a record are its level."""
    if name in LABELS_OF_RECORDS:
        return LABELS_OF_RECORDS[name]
    level = name.partition(":")[0]
    return set() if level in ("", "instance") else set(level.split("_"))


def rules(directory):
    """Expressions and texts as Prometheus understands them."""
    with Prometheus(directory, {}, RULES) as prometheus:
        return [rule for group in prometheus.api("rules")["groups"] for rule in group["rules"]]


def dashboard_expressions():
    def walk(node, where):
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "expr" and isinstance(value, str):
                    yield where, value
                yield from walk(value, where)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value, where)

    for path in sorted((ROOT / "grafana").rglob("*.json")):
        yield from walk(json.loads(path.read_text()), path.name)


class Checker:
    def __init__(self, page, records):
        self.known = {**page, **PROMETHEUS, **{name: record_labels(name) for name in records}}
        self.problems = []
        self.selectors = 0

    def check(self, where, expression, texts="", alerts=ALERT_LABELS):
        selectors, grouped = names(expression)
        self.selectors += len(selectors)
        of_expression = set(TARGET_LABELS)
        for metric, labels in selectors:
            matching = [name for name in self.known if name == metric or re.fullmatch(metric, name)]
            if not matching:
                self.problems.append(f"{where}: no metric {metric}")
            of_metric = set().union(TARGET_LABELS, *(self.known[name] for name in matching))
            if metric == "ALERTS":
                of_metric |= alerts
            of_expression |= of_metric
            if metric != "ALERTS" and labels - of_metric:
                self.problems.append(f"{where}: {metric} has no {labels - of_metric}")
        # label_replace and label_join make new ones.
        made = set(re.findall(r'label_(?:replace|join)\(.*?, "(\w+)"', expression, re.DOTALL))
        unknown = (grouped | set(re.findall(r"\$labels\.(\w+)", texts))) - of_expression - made - ALERT_LABELS
        if unknown:
            self.problems.append(f"{where}: nothing in it has {unknown}")


def check_reader():
    """The reader of expressions itself, on what the rules are made of."""
    assert names('sum by (a, b) (rate(m_total{c="x{y}", d=~"."}[5m])) > 3e5') == ([("m_total", {"c", "d"})], {"a", "b"})
    assert names("max(m) by (a) unless on (b) (r:m:max offset 1d >= bool 2)") == ([("m", set()), ("r:m:max", set())], {"a", "b"})
    assert names('{__name__=~"a(1|2)", x!="1"} * on (i) group_left (n) inf') == ([("a(1|2)", {"x"})], {"i", "n"})
    assert names("-(min_over_time(timestamp(m)[1d:5m]) - 1) # by (z)") == ([("m", set())], set())


def main(bin_dir):
    check_reader()
    with stack.scratch() as directory:
        page = {**page_labels(secure_page(bin_dir, directory)), **page_labels(whole_page(bin_dir, directory))}
        shipped = rules(directory)
    records = {rule["name"] for rule in shipped if rule["type"] == "recording"}
    checker = Checker(page, records)
    for rule in shipped:
        checker.check(rule["name"], rule["query"], json.dumps(rule.get("annotations", {})))
    # An alert has labels of what it is about; a dashboard that shows all of them may name any.
    any_label = set().union(*page.values(), ALERT_LABELS)
    dashboards = list(dashboard_expressions())
    assert len(dashboards) > 100, f"only {len(dashboards)} expressions in dashboards"
    for where, expression in dashboards:
        checker.check(where, expression, alerts=any_label)
    # A test that feeds what the exporter never sends proves nothing.
    for path in sorted((ROOT / "tests" / "rules").glob("*.test.yml")):
        for series in re.findall(r"series: '?([^'\n]+\})", path.read_text()):
            checker.check(path.name, series)
    assert not checker.problems, "\n".join(sorted(set(checker.problems)))
    assert len(shipped) > 50 and checker.selectors > 300, "nothing was checked"
    # The check itself can fail.
    broken = Checker(page, records)
    broken.check("broken", 'sum by (proj) (serverspace_project_balanc) + serverspace_servers{server="1"}')
    assert len(broken.problems) == 3, broken.problems
    return checker.selectors


if __name__ == "__main__":
    print(f"all of {main(sys.argv[1])} selectors have what they name")
