#!/usr/bin/env python3
"""Who gets which alert, by the shipped Alertmanager configuration, as amtool routes it."""

import pathlib
import subprocess

CONFIG = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "alertmanager" / "alertmanager.yml"

ROUTES = [
    ("alertname=ServerspaceBalanceCritical severity=critical family=money project=shop currency=USD", "finance,on-call"),
    ("alertname=ServerspaceBalanceLow severity=warning family=money project=shop currency=USD", "finance,chat"),
    ("alertname=ServerspaceSpendUnusual severity=warning family=spend project=shop currency=EUR", "finance,chat"),
    ("alertname=ServerspaceServerBlocked severity=critical family=resources project=shop name=db", "on-call"),
    ("alertname=ServerspaceServerStuck severity=warning family=resources project=shop name=db", "chat"),
    ("alertname=ServerspaceTaskFailed severity=warning family=tasks project=shop task_id=l3t7 type=UpdateServer", "chat"),
    ("alertname=ServerspaceExporterAbsent severity=critical family=exporter", "on-call"),
    ("alertname=ServerspaceSchemaDrift severity=info family=exporter job=serverspace field=servers", "mail"),
    # Nobody gets up for these, but their money is money too.
    ("alertname=ServerspaceServerBlocked severity=critical family=resources project=sandbox", "mail"),
    ("alertname=ServerspaceBalanceEmpty severity=critical family=money project=test-7 currency=USD", "finance,mail"),
    # Only a whole name is a sandbox.
    ("alertname=ServerspaceServerBlocked severity=critical family=resources project=sandbox-of-shop", "on-call"),
    # Not ours.
    ("alertname=NodeDown severity=page", "mail"),
]


def amtool(*arguments):
    return subprocess.run(["amtool", *arguments], capture_output=True, text=True, check=False)


def main():
    checked = amtool("check-config", str(CONFIG))
    assert checked.returncode == 0 and "1 templates" in checked.stdout, checked.stdout + checked.stderr
    for labels, receivers in ROUTES:
        routed = amtool(
            "config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receivers}", *labels.split()
        )
        assert routed.returncode == 0, f"{labels}: {routed.stdout.strip()}, not {receivers}"
    # No secret is in the file itself.
    for line in CONFIG.read_text().splitlines():
        word = line.strip().partition(":")[0]
        assert word not in ("smtp_auth_password", "slack_api_url", "api_url", "credentials", "password"), line


if __name__ == "__main__":
    main()
    print(f"{len(ROUTES)} alerts go where they should")
