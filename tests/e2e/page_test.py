#!/usr/bin/env python3
"""The page for people as a browser shows it: on a phone and a desk, light and dark, with one project and with many.

page_test.py BIN_DIR                     checks
page_test.py BIN_DIR --screenshots DIR   leaves pictures too
"""

import json
import pathlib
import sys

import browser as chromium
import stack

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
MANY = 500
# What one project may cost on the page of many.
MAX_BYTES_PER_PROJECT = 4096

HOSTILE = """</h3><img src=x onerror=alert(1)><script>alert(1)</script>&"'"""
LONG = "a-name-without-any-place-to-break-" * 3 + "end"

# Each text against what lies under it (WCAG 2, 1.4.3); answers those that are too faint.
FAINT = """(() => {
  const channels = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const luminance = rgb => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const c = rgb[i] / 255;
    return sum + weight * (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  }, 0);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const rgb = channels(getComputedStyle(e).backgroundColor);
      if (rgb.length === 3 || rgb[3] === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = new Set();
  let seen = 0;
  for (let node; (node = walker.nextNode()) && seen < 3000;) {
    if (!node.data.trim()) continue;
    ++seen;
    const element = node.parentElement;
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.add(node.data.trim() + ' ' + ratio.toFixed(2));
  }
  return [seen, ...faint];
})()"""

# Table cells, headings and names that assistive technology needs; answers what is missing.
LACKING = """(() => {
  const lacking = [];
  for (const th of document.querySelectorAll('th')) if (!th.scope) lacking.push('scope of ' + th.textContent);
  for (const table of document.querySelectorAll('table'))
    if (!table.querySelector('thead th[scope=col]')) lacking.push('column heads');
  let level = 0;
  for (const h of document.querySelectorAll('h1, h2, h3')) {
    const own = Number(h.tagName[1]);
    if (own > level + 1) lacking.push('heading before ' + h.textContent);
    level = own;
  }
  if (document.querySelectorAll('h1').length !== 1) lacking.push('one h1');
  if (document.querySelectorAll('main').length !== 1) lacking.push('one main');
  if (!document.documentElement.lang) lacking.push('language');
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) lacking.push('unique ids');
  return lacking;
})()"""

# What sticks out to the right of the window, for the message.
WIDE = """[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
  .slice(0, 5).map(e => e.tagName + ' ' + e.textContent.slice(0, 60))"""


class Scene:
    def __init__(self, name, exporter, browser, pictures):
        self.name, self.browser, self.pictures = name, browser, pictures
        self.url = f"http://{exporter.address}/"
        self.answer = exporter.get("/")
        assert self.answer.status == 200
        assert self.answer.headers["Content-Type"] == "text/html; charset=utf-8", self.answer.headers
        policy = self.answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script" not in policy, policy

    def check(self):
        """Looks at the page in every way; answers its text."""
        for width in WIDTHS:
            for scheme in SCHEMES:
                self.browser.look(width, scheme)
                self.browser.open(self.url)
                if self.pictures:
                    self.browser.screenshot(self.pictures / f"{self.name}-{width}-{scheme}.png")
                self._check_one(f"{self.name} at {width} {scheme}")
        return self.browser.evaluate("document.body.innerText")

    def _check_one(self, what):
        browser = self.browser
        assert browser.requests and all(url.startswith(self.url) for url in browser.requests), f"{what}: {browser.requests}"
        assert not browser.complaints, f"{what}: {browser.complaints}"
        # Opened, they must fit too.
        for _ in range(2):
            sizes = browser.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert sizes[0] <= sizes[1], f"{what}: wider than the window: {sizes} {browser.evaluate(WIDE)}"
            browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        seen, *faint = browser.evaluate(FAINT)
        assert seen > 20 and not faint, f"{what}: {seen} texts, faint: {faint}"
        cells, *broken = browser.evaluate(BROKEN)
        assert cells > 0 and not broken, f"{what}: {broken}"
        lacking = browser.evaluate(LACKING)
        assert not lacking, f"{what}: {lacking}"
        active = browser.evaluate("document.querySelectorAll('script, img, iframe, object, form, [onerror]').length")
        assert active == 0, f"{what}: {active} active elements"


# Names, times and amounts that break inside a word or over lines though they need not.
BROKEN = """(() => {
  const lines = element => { const range = document.createRange(); range.selectNodeContents(element);
    return new Set([...range.getClientRects()].map(r => Math.round(r.bottom))).size; };
  const short = [...document.querySelectorAll('.overview tbody th, .overview tr:not(.note) td, .collectors td:nth-child(n + 3)')]
    .filter(e => e.textContent.length <= 14);
  return [short.length, ...short.filter(e => lines(e) > 1).map(e => e.textContent)];
})()"""


def settled(exporter, projects):
    """Until each collector of each project has run; the page is the same from then on."""
    stack.await_condition(
        "first runs",
        lambda: exporter.get("/").text.count("<span class=\"quiet\">waiting") == 0,
        # Thousands of requests, when there are many projects.
        seconds=3 * stack.PATIENCE_SECONDS,
        pause=0.2,
    )
    assert exporter.get("/").text.count("<summary>") == projects


def write_config(simulator, directory, names, extra=""):
    """As JSON, which is YAML, so that any name can be said."""
    projects = [
        {"name": name, "api_key_file": str(key), "thresholds": {"balance": {"warning": "50", "critical": "10"}}}
        for name, key in zip(names, simulator.keys())
    ]
    projects[0]["api_key_expires"] = "2020-01-01"
    api = {"ca_file": str(simulator.ca_file), "base_url": simulator.base_url}
    path = pathlib.Path(directory) / "exporter.yml"
    path.write_text(f"api: {json.dumps(api)}\n{extra}\nprojects: {json.dumps(projects)}\n")
    return path


def check_one_project(bin_dir, directory, browser, pictures):
    with stack.Simulator(bin_dir, directory, "--seed", "7", "--servers", "4") as simulator:
        simulator.control("PATCH", "projects/project-0", {"balance": "318.07", "currency": "EUR"})
        with stack.Exporter(bin_dir, directory, environment=stack.environment_of(simulator)) as exporter:
            exporter.await_ready()
            settled(exporter, 1)
            text = Scene("one", exporter, browser, pictures).check()
            assert exporter.stop() == 0
    assert "All is well with 1 project." in text, text
    assert "318.07 EUR" in text and "Overview" not in text, text
    assert browser.evaluate("document.querySelectorAll('details[open]').length") == 1


def check_trouble(bin_dir, directory, browser, pictures):
    names = ["production-eu", HOSTILE, LONG]
    with stack.Simulator(bin_dir, directory, "--seed", "7", "--servers", "3", "--projects", "3") as simulator:
        simulator.control("PATCH", "projects/project-1", {"balance": "12.5", "currency": "USD"})
        simulator.control("PATCH", "projects/project-2", {"key": "unauthorized"})
        server = simulator.control("POST", "projects/project-1/servers", {"count": 1})["ids"][0]
        simulator.control("PATCH", f"projects/project-1/servers/{server}", {"state": "<u>Melting</u>"})
        simulator.control("PATCH", "projects/project-0", {"balance": "-3.2", "currency": "RUB"})
        config = write_config(simulator, directory, names)
        with stack.Exporter(bin_dir, directory, "--config.file", config) as exporter:
            exporter.await_ready()
            settled(exporter, 3)
            text = Scene("trouble", exporter, browser, pictures).check()
            assert exporter.stop() == 0
    assert "3 of 3 projects need attention (2 critical, 1 warning)" in text, text
    assert HOSTILE in text and LONG in text, text
    assert "<u>melting</u>" in text and "servers.state" in text, text
    assert "balance: -3.2 RUB is below 10" in text and "API key: it ended" in text, text
    assert "balance: 12.5 USD is below 50" in text, text
    assert "auth" in text, text
    order = browser.evaluate("[...document.querySelectorAll('tbody th a')].map(a => a.textContent)")
    assert order[-1] == HOSTILE, f"the mildest comes last: {order}"


def check_many(bin_dir, directory, browser, pictures):
    with stack.Simulator(
        bin_dir, directory, "--seed", "7", "--servers", "2", "--projects", str(MANY)
    ) as simulator:
        simulator.control("PATCH", "projects/project-321", {"key": "unauthorized"})
        simulator.control("PATCH", "projects/project-0", {"balance": "100"})
        simulator.control("PATCH", "projects/project-44", {"balance": "20"})
        names = [key.name for key in simulator.keys()]
        extra = "collectors: { servers: { interval: 5m }, project: { interval: 5m } }"
        config = write_config(simulator, directory, names, extra)
        with stack.Exporter(bin_dir, directory, "--config.file", config) as exporter:
            exporter.await_ready()
            settled(exporter, MANY)
            scene = Scene("many", exporter, browser, pictures)
            size = len(scene.answer.text.encode())
            assert size < MANY * MAX_BYTES_PER_PROJECT, f"{size} bytes"
            text = scene.check()
            browser.open(scene.url)
            assert browser.evaluate("document.querySelectorAll('details[open]').length") == 0
            browser.evaluate("document.querySelector('tbody th a').click()")
            stack.await_condition(
                "the details of the link", lambda: browser.evaluate("document.querySelector('details').open")
            )
            assert exporter.stop() == 0
    assert f"of {MANY} projects need attention" in text, text[:500]
    worst = browser.evaluate("[...document.querySelectorAll('tbody th a')].slice(0, 3).map(a => a.textContent)")
    assert "project-321" in worst and "project-0" in worst, worst
    return size


def main(bin_dir, pictures):
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    with stack.scratch() as directory, chromium.Browser(directory) as browser:
        for check in (check_one_project, check_trouble):
            own = directory / check.__name__
            own.mkdir()
            check(bin_dir, own, browser, pictures)
        own = directory / "many"
        own.mkdir()
        size = check_many(bin_dir, own, browser, pictures)
    print(f"the page is as it should be; {MANY} projects take {size} bytes")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[3]) if sys.argv[2:3] == ["--screenshots"] else None)
