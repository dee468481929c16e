#!/usr/bin/env python3
"""Makes the picture of the README from the running programs: the exporter's page for people above its figures in
Prometheus, while money runs low.

docs/images/make.py BIN_DIR    needs chromium and prometheus (scripts/test.sh installs them), and a minute and a half
"""

import base64
import pathlib
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests/e2e"))

import browser as chromium  # noqa: E402
import stack  # noqa: E402
from prometheus_server import Prometheus  # noqa: E402

TARGET = HERE / "overview.png"
MAX_BYTES = 150_000
WIDTH = 900

PROJECTS = ("shop", "staging")
SERVERS = {"web-1": {}, "web-2": {}, "db-1": {}, "db-2": {"state": "Busy"}, "queue": {}, "build": {"state": "Blocked"}}
CONFIG = """\
api: {{ ca_file: {ca}, base_url: '{url}' }}
collectors: {{ project: {{ interval: 10s }}, servers: {{ interval: 10s }} }}
thresholds: {{ balance: {{ USD: {{ warning: 60, critical: 20 }} }} }}
state_file: {state}
projects:
  - {{ name: {names[0]}, api_key_file: {keys[0]} }}
  - {{ name: {names[1]}, api_key_file: {keys[1]} }}
"""
STYLE = (
    "body { margin: 0; background: #fff; font: 15px sans-serif; color: #57606a } main { padding: 1px 12px 12px }"
    " img { display: block; width: 100%; box-sizing: border-box; border: 1px solid #d0d7de; border-radius: 6px }"
)
FIRST_BALANCE, BALANCES = "131.20", ("118.40", "96.15", "71.80", "52.35", "33.90", "14.25")
EXPRESSION = (
    'sum by (project) (serverspace_project_balance{project="shop"})'
    ' or max by (severity) (serverspace_project_balance_threshold{project="shop"})'
)


def set_scene(simulator):
    simulator.control("PATCH", "projects/project-0", {"first_balance": FIRST_BALANCE, "currency": "USD"})
    simulator.control("PATCH", "projects/project-1", {"first_balance": "840.55", "currency": "USD"})
    ids = simulator.control("POST", "projects/project-0/servers", {"count": len(SERVERS), "state": "Active"})["ids"]
    for server, (name, change) in zip(ids, SERVERS.items()):
        simulator.control("PATCH", f"projects/project-0/servers/{server}", {"name": name, **change})
    simulator.control("POST", "projects/project-1/servers", {"count": 4, "state": "Active"})


def part(browser, top, bottom):
    """A picture of the open page from the upper edge of one element to the lower edge of another, as a data address."""
    begin, end = (
        browser.evaluate(f"document.querySelector('{element}').getBoundingClientRect().{edge} + scrollY")
        for element, edge in ((top, "top"), (bottom, "bottom"))
    )
    clip = {"x": 0, "y": begin, "width": WIDTH, "height": end - begin, "scale": 1}
    data = browser.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
    return f"data:image/png;base64,{data}"


def picture_of_page(browser, address):
    browser.look(WIDTH, "light")
    browser.open(f"http://{address}/")
    return part(browser, "body", "details dl")


def picture_of_graph(browser, address):
    query = urllib.parse.urlencode({"g0.expr": EXPRESSION, "g0.tab": "0", "g0.range_input": "1m"})
    browser.look(WIDTH, "light")
    # Debian's Prometheus has the classic pages; /graph only leads there.
    browser.open(f"http://{address}/classic/graph?{query}")
    drawn = "document.querySelector('.rickshaw_graph svg path') !== null"
    stack.await_condition("the graph is drawn", lambda: browser.evaluate(drawn), pause=0.2)
    # The dark box of the library would look like a fault beside the light page.
    style = ".rickshaw_legend{background:none!important}.rickshaw_legend *{color:#212529!important}"
    browser.evaluate(f"document.head.insertAdjacentHTML('beforeend', '<style>{style}</style>')")
    return part(browser, ".graph_area, .rickshaw_graph", ".legend")


def main():
    (bin_dir,) = sys.argv[1:]
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, "--servers", "0", "--projects", "2") as simulator:
        set_scene(simulator)
        config = directory / "exporter.yml"
        config.write_text(
            CONFIG.format(
                ca=simulator.ca_file, url=simulator.base_url, state=directory / "state.json", names=PROJECTS, keys=simulator.keys()
            )
        )
        with (
            stack.Exporter(bin_dir, directory, "--config.file", config) as exporter,
            Prometheus(directory, {"serverspace": exporter.address}) as prometheus,
            chromium.Browser(directory) as browser,
        ):
            exporter.await_ready()
            for balance in (FIRST_BALANCE, *BALANCES):
                simulator.control("PATCH", "projects/project-0", {"balance": balance})
                prometheus.await_value('serverspace_project_balance{project="shop"}', balance)
            parts = {
                "The exporter's own page": picture_of_page(browser, exporter.address),
                "The same minute in Prometheus: balance, and the thresholds of the configuration": picture_of_graph(
                    browser, prometheus.address
                ),
            }
            together = directory / "together.html"
            together.write_text(
                f"<meta charset=utf-8><style>{STYLE}</style><main>"
                + "".join(f"<p>{title}</p><img src='{source}'>" for title, source in parts.items())
            )
            browser.open(together.as_uri())
            data = part(browser, "main", "main").partition(",")[2]
    TARGET.write_bytes(base64.b64decode(data))
    size = TARGET.stat().st_size
    if size > MAX_BYTES:
        sys.exit(f"{TARGET.name} has {size} bytes; at most {MAX_BYTES} are wanted")
    print(f"{TARGET}: {size} bytes")


if __name__ == "__main__":
    main()
