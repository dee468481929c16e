#!/usr/bin/env python3
"""What promtool does not ask of the shipped rules: runbooks, texts, labels, and a test for each rule."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))
TESTS = sorted((ROOT / "tests" / "rules").glob("*.test.yml"))
RUNBOOKS = ROOT / "docs" / "runbooks.md"


def rules():
    """`(kind, name, text)` of each rule; the files are ours, so their form is known."""
    for path in RULES:
        for part in re.split(r"(?m)^      - (?=record: |alert: )", path.read_text())[1:]:
            kind, name = re.match(r"(record|alert): (\S+)", part).groups()
            yield kind, name, part


def check_alert(name, text):
    assert re.fullmatch(r"Serverspace([A-Z][a-z0-9]+)+", name), name
    severity = re.search(r"labels: \{ severity: (critical|warning|info), family: (money|spend|resources|tasks|exporter) \}", text)
    assert severity, f"{name}: severity and family"
    link = f"""runbook_url: '{{{{ or $externalLabels.serverspace_docs "docs" }}}}/runbooks.md#{name.lower()}'"""
    assert link in text, f"{name}: {link}"
    summary = re.search(r"summary: '(.*)'\n", text).group(1)
    expanded = re.sub(r"\{\{.*?\}\}", "x" * 12, summary)
    assert len(expanded) <= 100 and not expanded.endswith("."), f"{name}: a summary fits on a lock screen"
    by = re.search(r"ALERTS\{alertname=\"(\w+)\"", text)
    assert not by or by.group(1) == name, f"{name} goes on with {by and by.group(1)}"
    assert "$labels.instance" not in text and "$labels.pod" not in text, name
    labels = set(re.findall(r"\$labels\.(\w+)", text))
    if "name" in labels:
        assert "{{ $labels.name }}" in summary, f"{name}: people know servers by name"
    if "currency" in labels and "printf" in text:
        assert "{{ $labels.currency }}" in summary, f"{name}: a value has a currency"


def main():
    tests = "\n".join(path.read_text() for path in TESTS)
    evaluated = "\n".join(re.findall(r"- expr: (.*)", tests))
    expected = "\n".join(re.findall(r"labels: '(.*)'", tests))
    names = []
    for kind, name, text in rules():
        names.append(name)
        if kind == "alert":
            check_alert(name, text)
            assert f'alertname="{name}"' in expected, f"no test in which {name} fires"
        else:
            assert re.fullmatch(r"[a-z_]+:serverspace_\w+:[a-z0-9]+", name), f"{name}: level:metric:operation"
            assert name in evaluated, f"no test of {name}"
    assert len(names) == len(set(names)) > 50, "a name twice, or rules not found"
    alerts = {name for name in names if name.startswith("Serverspace")}
    headings = re.findall(r"(?m)^## (Serverspace\w+)$", RUNBOOKS.read_text())
    assert len(headings) == len(set(headings)) and set(headings) == alerts, alerts ^ set(headings)
    unknown = set(re.findall(r'alertname="(\w+)"', tests)) - alerts
    assert not unknown, f"tests of what is not there: {unknown}"
    return len(alerts), len(names) - len(alerts)


if __name__ == "__main__":
    print("%d alerts and %d records are as they should be" % main())
