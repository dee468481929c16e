#!/usr/bin/env python3
"""The whole page for a fixed seed, in both formats, as the real programs serve it.

golden_test.py BIN_DIR            compares with tests/testdata/golden/
golden_test.py BIN_DIR --update   writes it anew after a wanted change
"""

import difflib
import pathlib
import re
import subprocess
import sys

import stack

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "golden"

# What differs from run to run is replaced by a word, so that the series stay under test though their values cannot be.
VOLATILE = [
    (re.compile(r"localhost:\d+"), "localhost:PORT"),
    (re.compile(r'(build_info\{version=)"[^"]*",revision="[^"]*",compiler="[^"]*"'), r'\1"V",revision="R",compiler="C"'),
    (re.compile(r"^(process_\w+) .*", re.M), r"\1 VALUE"),
    (
        re.compile(
            r"^(serverspace_(?:collector_duration_seconds|collector_last_\w+_timestamp_seconds|api_clock_offset_seconds"
            r"|server_state_since_timestamp_seconds|operations_oldest_start_timestamp_seconds"
            r"|api_request_duration_seconds_(?:bucket|sum)|api_limiter_wait_seconds_total|exporter_http_connections"
            r"|exporter_config_last_reload_success_timestamp_seconds)"
            r"(?:\{[^\n]*\})?) .*",
            re.M,
        ),
        r"\1 VALUE",
    ),
]


# One for each list, another for VMware, and one for the records of the domain that is listed without any.
REQUESTS = 13


def normalized(text):
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


def settled(exporter):
    """A page that tells of all first runs and of the requests that they made."""

    def page():
        text = exporter.get().text
        count = lambda family: len(re.findall(rf"^serverspace_{family}{{", text, re.M))
        requests = sum(map(float, re.findall(r"^serverspace_api_requests_total{.*} (\S+)$", text, re.M)))
        all_ran = count("collector_success") == count("collector_interval_seconds")
        return text if all_ran and requests == REQUESTS else None

    return stack.await_condition("API metrics on the page", page)


def check_tools(text_page, open_metrics_page):
    lint = subprocess.run(["promtool", "check", "metrics"], input=text_page, text=True, capture_output=True, check=False)
    assert lint.returncode == 0 and not lint.stderr and not lint.stdout, f"promtool: {lint.stdout}{lint.stderr}"
    # Debian's package is for Debian's python3, whichever one runs this.
    parser = (
        "import sys\n"
        "from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse\n"
        "print(sum(len(family.samples) for family in parse(sys.stdin.read())))\n"
    )
    strict = subprocess.run(
        ["/usr/bin/python3", "-c", parser], input=open_metrics_page, text=True, capture_output=True, check=False
    )
    assert strict.returncode == 0, f"OpenMetrics parser: {strict.stderr}"
    samples = stack.parse_samples(text_page)
    assert int(strict.stdout) == len(samples), f"the parser saw {strict.stdout} samples of {len(samples)}"


def check_golden(name, text, update):
    path = GOLDEN / name
    if update:
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
        return
    expected = path.read_text()
    if text != expected:
        diff = difflib.unified_diff(expected.splitlines(), text.splitlines(), str(path), "served", lineterm="", n=1)
        raise AssertionError("\n".join(list(diff)[:80]) + "\nif this is wanted: golden_test.py BIN_DIR --update")


def main(bin_dir, update):
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, "--seed", "7", "--servers", "6") as simulator:
        with stack.Exporter(bin_dir, directory, environment=stack.environment_of(simulator)) as exporter:
            exporter.await_ready()
            text_page = settled(exporter)
            answer = exporter.get(headers=stack.OPEN_METRICS)
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0"), answer.headers
            assert answer.headers["Content-Encoding"] == "gzip"
            open_metrics_page = answer.text
            assert exporter.stop() == 0
    check_tools(text_page, open_metrics_page)
    text, open_metrics = normalized(text_page), normalized(open_metrics_page)
    lines = [[line for line in page.splitlines() if not line.startswith("#")] for page in (text, open_metrics)]
    assert lines[0] == lines[1], "sample lines differ between the formats"
    check_golden("metrics.txt", text, update)
    check_golden("metrics.openmetrics", open_metrics, update)


if __name__ == "__main__":
    main(sys.argv[1], "--update" in sys.argv[2:])
    print("the page is as it should be")
