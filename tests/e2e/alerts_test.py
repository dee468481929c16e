#!/usr/bin/env python3
"""The shipped rules and Alertmanager configuration, from the API to the message, with real programs.

The balance falls and a server is blocked: the right messages arrive. An outage of the API that outlasts the data resolves
nothing. A top-up, and the server's return, resolve them.
"""

import sys

import stack
from alert_stack import RULES, Alertmanager, Inbox, fast_rules
from prometheus_server import Prometheus

CONFIG = """\
collectors: { project: { interval: 10s }, servers: { interval: 10s } }
stale_after: 30s
thresholds: { balance: { USD: { warning: 50, critical: 10 } } }"""
PROJECT = "project-0"
WEBHOOK, SLACK = "/webhook", "/slack"
NAME = "db-7"


def named(inbox, alertname, status="firing"):
    return [alert for state, alert in inbox.alerts(WEBHOOK) if state == status and alert["labels"]["alertname"] == alertname]


def check_messages(inbox, server_id):
    """Who got what, as people and programs read it."""
    money = named(inbox, "ServerspaceBalanceCritical")[0]
    assert money["labels"] == {
        "alertname": "ServerspaceBalanceCritical", "project": PROJECT, "currency": "USD",
        "severity": "critical", "family": "money",
    }, money["labels"]  # fmt: skip
    assert money["annotations"]["summary"] == f"{PROJECT} is nearly out of money: 9.25 USD", money
    assert money["annotations"]["runbook_url"] == "docs/runbooks.md#serverspacebalancecritical"
    blocked = named(inbox, "ServerspaceServerBlocked")[0]
    assert blocked["labels"]["server_id"] == server_id and blocked["labels"]["name"] == NAME, blocked["labels"]
    assert blocked["annotations"]["summary"] == f"Server {NAME} of {PROJECT} is blocked"
    headers, _ = inbox.messages(WEBHOOK)[0]
    assert headers["Authorization"] == "Bearer paging-token"

    def chat_titles():
        return {attachment["title"]: attachment for _, body in inbox.messages(SLACK) for attachment in body["attachments"][:1]}

    # Who is paged first and who is written to first is Alertmanager's to choose.
    money, sick = f"CRITICAL: {PROJECT} is nearly out of money: 9.25 USD", f"CRITICAL: Server {NAME} of {PROJECT} is blocked"
    stack.await_condition("both messages in the chat", lambda: {money, sick} <= set(chat_titles()))
    chat = chat_titles()
    critical = chat[money]
    assert critical["color"] == "danger" and "Top it up now" in critical["text"], critical
    assert "runbooks.md#serverspacebalancecritical" in critical["text"], critical
    # The warning of the same cause came alone before, and is held back now.
    assert f"{PROJECT} has only 49.50 USD left" in chat, chat.keys()


def tell(bin_dir):
    with stack.scratch() as directory, Inbox() as inbox, stack.Simulator(
        bin_dir, directory, "--seed", "5", "--servers", "0"
    ) as simulator:

        def patch(path="", **changes):
            simulator.control("PATCH", f"projects/{PROJECT}{path}", changes)

        server = simulator.control("POST", f"projects/{PROJECT}/servers", {"count": 1, "state": "Active"})["ids"][0]
        patch(f"/servers/{server}", name=NAME)
        patch(first_balance="100", currency="USD")
        config = stack.config_of(simulator, directory, CONFIG)
        with stack.Exporter(bin_dir, directory, "--config.file", config) as exporter, Alertmanager(
            directory, inbox
        ) as alertmanager, Prometheus(
            directory, {"serverspace": exporter.address}, fast_rules(directory), [alertmanager.address]
        ) as prometheus:
            prometheus.await_value("serverspace_project_balance", 100)
            firing = 'count(ALERTS{alertstate="firing",alertname="%s"})'

            patch(balance="49.50")
            prometheus.await_value(firing % "ServerspaceBalanceLow", 1)
            low = lambda: [m for _, m in inbox.messages(SLACK) if "49.50" in m["attachments"][0]["title"]]
            stack.await_condition("the warning", low)
            patch(balance="9.25")
            patch(f"/servers/{server}", state="Blocked")
            for name in ("ServerspaceBalanceCritical", "ServerspaceServerBlocked"):
                stack.await_condition(name, lambda n=name: named(inbox, n))
            check_messages(inbox, server)

            fault = {"kind": "status", "status": 503, "project": PROJECT}
            number = simulator.control("POST", "faults", fault)["id"]
            # Until nothing is known any more, and a while after.
            for gone in ("serverspace_project_balance", "serverspace_servers"):
                prometheus.await_value(f"count({gone})", None)
            gone_at = prometheus.value("vector(time())")
            stack.await_condition("evaluations", lambda: prometheus.value("vector(time())") > gone_at + 5, pause=0.2)
            for name in ("ServerspaceBalanceCritical", "ServerspaceServerBlocked"):
                assert prometheus.value(firing % name) == 1, f"{name} ended with the data"
            over = [alert for status, alert in inbox.alerts(WEBHOOK) if status == "resolved"]
            assert not over, over

            patch(balance="500")
            patch(f"/servers/{server}", state="Active")
            simulator.control("DELETE", f"faults/{number}")
            for name in ("ServerspaceBalanceCritical", "ServerspaceServerBlocked"):
                stack.await_condition(f"the end of {name}", lambda n=name: named(inbox, n, "resolved"))
            prometheus.await_value('count(ALERTS{alertname=~"ServerspaceBalance.+|ServerspaceServerBlocked"})', None)
            over = f"Over. It was: {PROJECT} is nearly out of money: 9.25 USD"
            titles = lambda: [body["attachments"][0]["title"] for _, body in inbox.messages(SLACK)]
            stack.await_condition("the last message", lambda: over in titles())
            for _, alert in inbox.alerts(WEBHOOK):
                assert not {"instance", "pod", "job"} & set(alert["labels"]), alert["labels"]
            groups = prometheus.api("rules")["groups"]
            sick = [rule["name"] for group in groups for rule in group["rules"] if rule["health"] != "ok"]
            assert len(groups) > len(RULES) and not sick, sick


if __name__ == "__main__":
    tell(sys.argv[1])
    print("the right people were told the right things")
