#!/usr/bin/env python3
"""What a real Prometheus stores while the API changes, fails and recovers, and Prometheus and the exporter restart.

Prometheus reads the exporter twice: as OpenMetrics, and through a relay as the classic text format. Everything is asserted
from both. Ranges begin and end at scrapes, so that counts of samples are compared exactly.
"""

import contextlib
import decimal
import functools
import sys

import stack
from prometheus_server import Prometheus, TextRelay, span

JOBS = ("openmetrics", "text")
# An address of its own, so that nobody takes the port while the exporter restarts.
LISTEN_HOST = "127.0.0.66"
CONFIG = """\
collectors: { project: { interval: 10s }, servers: { interval: 10s } }
stale_after: 40s
thresholds: { balance: { USD: { warning: 50 }, EUR: { warning: 20 } } }"""
STALE_AFTER_SECONDS = 40
# Every character that one of the formats escapes, and some that need more than a byte.
ODD_NAME = 'db "primary" \\ 1\nçé 雲'

# `STEADY` is watched all the time, `ENDLESS` has an API that goes away for longer than data is kept.
STEADY, ENDLESS = "project-0", "project-1"


class Story:
    """What the phases share. A window is (job, begin, end), from one scrape to another."""

    def __init__(self, simulator, prometheus):
        self.simulator = simulator
        self.prometheus = prometheus
        self.begin = {}
        self.balances = ["100"]

    def patch(self, project, path="", **changes):
        self.simulator.control("PATCH", f"projects/{project}{path}", changes)

    def set_balance(self, amount):
        self.patch(STEADY, balance=amount)
        self.balances.append(amount)

    def await_everywhere(self, expression, expected):
        """`expression` has JOB where the job's name belongs."""
        for job in JOBS:
            self.prometheus.await_value(expression.replace("JOB", job), expected)

    def windows(self):
        """From the beginning until now."""
        return [(job, self.begin[job], self.prometheus.last_scrape(job)) for job in JOBS]

    def over(self, function, selector, window):
        job, begin, end = window
        selector = selector.replace("JOB", f'job="{job}"')
        return self.prometheus.value(f"{function}({selector}{span(begin, end)})", at=end)

    def history(self, selector, window):
        """All samples of one series in a window."""
        job, begin, end = window
        found = self.prometheus.samples(selector.replace("JOB", f'job="{job}"'), begin, end)
        assert len(found) == 1, f"{selector} is {len(found)} series in {job}"
        return next(iter(found.values()))

    def scrapes(self, window):
        return self.over("sum_over_time", "up{JOB}", window)

    def at_every_scrape(self, expression, expected, window):
        """Looks at the answer at the moment of each successful scrape: that of its own samples."""
        job, begin, end = window
        expression = expression.replace("JOB", f'job="{job}"')
        for time, up in self.history("up{JOB}", (job, begin, end)):
            value = self.prometheus.value(expression, at=time) if up else expected
            assert value == expected, f"{expression} is {value} at {time} in {job}"


def series(name, project=STEADY, /, **labels):
    extra = "".join(f',{label}="{value}"' for label, value in labels.items())
    return f'serverspace_{name}{{JOB,project="{project}"{extra}}}'


def of_job(selector):
    return selector.replace("JOB", 'job="JOB"')


BALANCE = series("project_balance")
SPEND = series("project_spend_total")
TOPUP = series("project_topup_total")


def distinct(samples):
    values = []
    for _, value in samples:
        if not values or values[-1] != value:
            values.append(value)
    return values


def increase(samples):
    """What Prometheus counts as the increase, without its extrapolation: after a reset the whole value is new."""
    total, before = decimal.Decimal(0), samples[0][1]
    for _, value in samples[1:]:
        total += value - before if value >= before else value
        before = value
    return total


def check_values(story, ids):
    story.await_everywhere(of_job(BALANCE), "100")
    story.await_everywhere(of_job(series("project_balance", ENDLESS)), "-3.25")
    story.await_everywhere(of_job(series("servers")), len(ids))
    story.await_everywhere(of_job(SPEND), 0)
    # The last family to come: requests are on the page after the runs that made them.
    story.await_everywhere('count(serverspace_api_requests_total{job="JOB",code="200"}) >= bool 2', 1)
    for job in JOBS:
        story.begin[job] = story.prometheus.last_scrape(job)
        for name, expected in {
            series("up"): 1,
            series("project_state", state="active"): 1,
            series("project_balance_threshold", severity="warning"): 50,
            series("server_state", server_id=ids[0], state="active"): 1,
            series("server_state", server_id=ids[0], state="busy"): 0,
            series("server_power_on", server_id=ids[0]): 1,
            series("server_cpu_cores", server_id=ids[0]): 3,
            series("server_memory_bytes", server_id=ids[0]): 4096 * 2**20,
            series("server_volume_size_bytes", server_id=ids[0], volume_id="77"): 25600 * 2**20,
            series("server_nic_bandwidth_limit_bytes_per_second", server_id=ids[0], nic_id="88"): 50 * 125000,
            series("operations_in_progress", resource="server"): 0,
            series("collector_interval_seconds", collector="servers"): 10,
        }.items():
            assert story.prometheus.value(name.replace("JOB", f'job="{job}"')) == expected, f"{name} in {job}"
        # A join as users write it: the state with the name.
        joined = (
            f'serverspace_server_state{{job="{job}"}} == 1 '
            "and on (project, server_id) serverspace_server_info{name=~\".+\"}"
        )
        assert len(story.prometheus.vector(joined)) == 2 * len(ids)
        # Only OpenMetrics knows info metrics: both formats were really read.
        target = f'{{job="{job}"}}'
        kind, name = ("info", "serverspace_server") if job == "openmetrics" else ("gauge", "serverspace_server_info")
        metadata = story.prometheus.api("targets/metadata", match_target=target, metric=name)
        assert [row["type"] for row in metadata] == [kind], metadata


def change_everything(story, ids):
    """A payment for servers, one deleted, one renamed, one busy, one new; and the other project's API fails from now on."""
    _, busy, renamed, deleted = ids
    story.simulator.control("POST", "faults", {"kind": "status", "status": 500, "project": ENDLESS})
    [info] = story.prometheus.vector(series("server_info", server_id=renamed).replace("JOB", 'job="text"'))
    old_name = dict(info)["name"]
    story.set_balance("87.65")
    story.simulator.control("DELETE", f"projects/{STEADY}/servers/{deleted}")
    story.patch(STEADY, f"/servers/{renamed}", name=ODD_NAME)
    story.patch(STEADY, f"/servers/{busy}", state="Busy")
    [added] = story.simulator.control("POST", f"projects/{STEADY}/servers", {"state": "Active"})["ids"]

    story.await_everywhere(of_job(BALANCE), "87.65")
    story.await_everywhere(of_job(series("server_state", server_id=added, state="active")), 1)
    # Long before Prometheus' five minutes are over: the series ended, they did not fade.
    story.await_everywhere(f'count({{job="JOB",server_id="{deleted}"}})', None)
    story.await_everywhere(of_job(series("operations_in_progress", resource="server")), 1)

    for window in story.windows():
        job, begin, end = window
        scrapes = story.scrapes(window)
        assert story.over("max_over_time", SPEND, window) == decimal.Decimal("12.35")
        assert story.over("increase", SPEND, window) > 0
        assert story.over("resets", SPEND, window) == 0
        assert story.over("max_over_time", TOPUP, window) == 0

        gone = story.prometheus.samples(f'{{job="{job}",server_id="{deleted}"}}', begin, end)
        assert len(gone) >= 10 and len({samples[-1][0] for samples in gone.values()}) == 1, "all ended with one scrape"
        new = story.prometheus.samples(f'{{job="{job}",server_id="{added}"}}', begin, end)
        assert len(new) >= 10 and len({samples[0][0] for samples in new.values()}) == 1, "all began with one scrape"

        for survivor in ids[:3]:
            state = series("server_state", server_id=survivor, state="active")
            assert story.over("count_over_time", state, window) == scrapes, f"{survivor} blinked in {job}"
        was = story.history(series("server_info", server_id=renamed, name=old_name), window)
        selector = series("server_info", server_id=renamed).replace("JOB", f'job="{job}"')
        infos = {dict(labels)["name"]: samples for labels, samples in story.prometheus.samples(selector, begin, end).items()}
        assert set(infos) == {old_name, ODD_NAME}, infos.keys()
        assert was[-1][0] < infos[ODD_NAME][0][0], "two names at a time"
        assert len(was) + len(infos[ODD_NAME]) == scrapes, "no name at some time"
    return added


def fail_and_recover(story, survivors):
    """A list that is cut short and a balance that is not to be had, while both change."""
    faults = [
        {"kind": "cut_chunked", "project": STEADY, "route": "/servers"},
        {"kind": "status", "status": 503, "project": STEADY, "route": "/project"},
    ]
    series_before = {
        job: story.prometheus.value(f'count({{job="{job}",project="{STEADY}",server_id!=""}})') for job in JOBS
    }
    numbers = [story.simulator.control("POST", "faults", fault)["id"] for fault in faults]
    story.set_balance("5")
    for job in JOBS:
        failed = f'(serverspace_up{{job="{job}",project="{STEADY}"}} == 0) and on (project) ' + of_job(
            series("collector_success", collector="servers")
        ).replace("JOB", job)
        story.prometheus.await_value(failed + " == 0", 0)
    begin = {job: story.prometheus.last_scrape(job) for job in JOBS}
    # Long enough to see a gap if there were one.
    for job in JOBS:
        stack.await_condition("scrapes of the outage", lambda j=job: story.prometheus.last_scrape(j) >= begin[j] + 5, pause=0.1)

    for job in JOBS:
        window = (job, begin[job], story.prometheus.last_scrape(job))
        scrapes = story.scrapes(window)
        assert scrapes >= 5
        for selector, value in {
            BALANCE: "87.65",
            SPEND: "12.35",
            series("servers"): len(survivors),
            series("project_state", state="active"): 1,
            series("server_state", server_id=survivors[0], state="active"): 1,
            series("server_state", server_id=survivors[1], state="busy"): 1,
        }.items():
            assert story.over("count_over_time", selector, window) == scrapes, f"a gap in {selector} in {job}"
            for edge in ("min_over_time", "max_over_time"):
                assert story.over(edge, selector, window) == decimal.Decimal(value), f"{edge} of {selector} in {job}"
            assert story.over("absent_over_time", selector, window) is None
            assert story.prometheus.value(f'absent({selector})'.replace("JOB", f'job="{job}"'), at=window[2]) is None
        # All that was known of the servers is still said, at every scrape and unchanged.
        known = f'{{job="{job}",project="{STEADY}",server_id!=""}}'
        kept = story.prometheus.samples(known, window[1], window[2])
        assert len(kept) == series_before[job], f"{len(kept)} of {series_before[job]} series in {job}"
        for labels, samples in kept.items():
            assert len(samples) == scrapes and len(distinct(samples)) == 1, f"{dict(labels)}: {samples}"
        # The outage itself is visible: the flag, the age, the reasons.
        assert story.over("max_over_time", series("up"), window) == 0
        age = series("collector_last_success_timestamp_seconds", collector="servers").replace("JOB", f'job="{job}"')
        assert story.prometheus.value(f"time() - {age}", at=window[2]) >= 10
        whole = (job, story.begin[job], window[2])
        for collector, reason in (("servers", "network"), ("project", "server_error")):
            errors = series("collector_errors_total", collector=collector, reason=reason)
            assert increase(story.history(errors, whole)) >= 1, f"{reason} in {job}"
            assert story.over("increase", errors, whole) > 0, "the first error is an increase"

    for number in numbers:
        story.simulator.control("DELETE", f"faults/{number}")
    story.await_everywhere(of_job(BALANCE), "5")
    story.await_everywhere(of_job(series("collector_success", collector="servers")), 1)
    story.await_everywhere(of_job(series("up")), 1)


def see_the_other_end(story):
    """The other project's data is too old by now; what is not read from the API stays, and comes back with the API."""
    dead = series("project_balance", ENDLESS)
    story.await_everywhere(of_job(dead), None)
    story.await_everywhere(f'count(serverspace_server_info{{job="JOB",project="{ENDLESS}"}})', None)
    for window in story.windows():
        job, _, end = window
        samples = story.history(dead, window)
        assert distinct(samples) == [decimal.Decimal("-3.25")], "neither 0 nor -1 nor NaN took its place"
        success = series("collector_last_success_timestamp_seconds", ENDLESS, collector="project")
        age = samples[-1][0] - story.history(success, window)[-1][1]
        assert STALE_AFTER_SECONDS - 2 <= age <= STALE_AFTER_SECONDS + 15, f"kept for {age} s"
        for lasting in (
            series("up", ENDLESS),
            series("project_spend_total", ENDLESS),
            series("project_balance_threshold", ENDLESS),
            success,
        ):
            assert story.history(lasting, window)[-1][0] == end, f"{lasting} ended in {job}"
        # One project never hurts another.
        assert story.over("count_over_time", BALANCE, window) == story.scrapes(window)
    story.simulator.control("DELETE", "faults")


def check_first_life(story, ids, added):
    """Statements about every scrape since the beginning."""
    for window in story.windows():
        job, begin, end = window
        assert story.over("min_over_time", "up{JOB}", window) == 1, f"a scrape failed in {job}"
        operations = series("operations_in_progress", resource="server")
        for other in (series("servers"), BALANCE, SPEND, operations):
            assert story.over("count_over_time", other, window) == story.scrapes(window), other
        of = f'{{JOB,project="{STEADY}"}}'
        story.at_every_scrape(f"serverspace_servers{of} - on () count(serverspace_server_info{of})", 0, window)
        story.at_every_scrape(f"max(sum by (server_id) (serverspace_server_state{of}))", 1, window)
        story.at_every_scrape(f"min(sum by (server_id) (serverspace_server_state{of}))", 1, window)
        # The count says what the page has: nothing was refused or counted twice.
        scraped = story.prometheus.value(f'scrape_samples_scraped{{job="{job}"}}', at=end)
        stored = story.prometheus.value(f'count({{job="{job}",__name__=~"serverspace_.+|process_.+"}})', at=end)
        assert scraped == stored, f"{scraped} samples on the page, {stored} stored in {job}"
        relabeled = f'scrape_samples_scraped{{job="{job}"}} - scrape_samples_post_metric_relabeling'
        assert story.prometheus.value(relabeled, at=end) == 0
        deleted = ids[3]
        assert story.prometheus.value(f'count({{job="{job}",server_id=~"{deleted}"}})', at=end) is None
        assert story.prometheus.value(f'count({{job="{job}",server_id=~"{added}"}})', at=end) > 0


def look_away(story, exporter, again):
    """Prometheus is away while money is spent: the next scrape has it all."""
    check_peace(story.prometheus)
    assert story.prometheus.stop() == 0
    story.set_balance("3")
    balance = f'serverspace_project_balance{{project="{STEADY}",currency="USD"}}'
    stack.await_condition("the exporter has read the balance", lambda: exporter.samples().get(balance) == "3")
    story.prometheus = again()
    story.await_everywhere(of_job(SPEND), "97")
    for window in story.windows():
        values = distinct(story.history(SPEND, window))
        assert values == [decimal.Decimal(value) for value in ("0", "12.35", "95", "97")], f"{values} in {window[0]}"
        assert story.over("increase", SPEND, window) > 95
        assert story.over("resets", SPEND, window) == 0, f"a reset without a restart in {window[0]}"


def restart(story, exporter, again, kept):
    """Spends while the exporter is down and after. `kept` tells whether its totals survive on disk."""
    assert exporter.stop() == 0
    story.await_everywhere('up{job="JOB"}', 0)
    # Prometheus says that the target is down; nobody may take old figures for new ones.
    story.await_everywhere('count({job="JOB",__name__=~"serverspace_.+"})', None)
    if kept:
        story.set_balance("2")
    with again():
        story.await_everywhere('up{job="JOB"}', 1)
        story.await_everywhere(of_job(SPEND), "98" if kept else 0)
        story.set_balance("-2.5")
        story.await_everywhere(of_job(BALANCE), "-2.5")
        story.await_everywhere(of_job(SPEND), "102.5" if kept else "5.5")
        for window in story.windows():
            job = window[0]
            samples = story.history(SPEND, window)
            expected = ["0", "12.35", "95", "97"] + (["98", "102.5"] if kept else ["0", "5.5"])
            assert distinct(samples) == [decimal.Decimal(value) for value in expected], f"{distinct(samples)} in {job}"
            assert story.over("resets", SPEND, window) == (0 if kept else 1)
            assert story.over("increase", SPEND, window) > 0
            # What left the account while somebody looked, no more and no less.
            assert increase(samples) == decimal.Decimal("102.5"), f"{increase(samples)} in {job}"
            assert distinct(story.history(TOPUP, window)) == [0]
            assert distinct(story.history(BALANCE, window)) == [decimal.Decimal(b) for b in story.balances]
            assert story.over("changes", "process_start_time_seconds{JOB}", window) == 1
        check_formats(story)
        check_peace(story.prometheus)


def check_formats(story):
    """Both jobs have the same series with the same values."""

    def page(job):
        found = story.prometheus.vector(f'{{job="{job}",__name__=~"serverspace_.+|process_.+"}}')
        return {labels - {("job", job)}: value for labels, value in found.items()}

    def same():
        # The two are read a moment apart; when no poll ended between, they are the same page.
        pages = [page(job) for job in JOBS]
        return pages[0] == pages[1] and len(pages[0])

    assert stack.await_condition("equal values in both formats", same, pause=0.1) > 100

    def ever(job):
        found = story.prometheus.api("series", **{"match[]": f'{{job="{job}",__name__=~"serverspace_.+|process_.+"}}'})
        return {frozenset(labels.items()) - {("job", job)} for labels in found}

    assert ever(JOBS[0]) == ever(JOBS[1]), f"only in one format: {ever(JOBS[0]) ^ ever(JOBS[1])}"


def check_peace(prometheus):
    """Prometheus had nothing to complain about."""
    own = stack.parse_samples(prometheus.get("/metrics"))
    complaints = [
        name
        for name in own
        if name.startswith("prometheus_target_scrapes_") or name.startswith("prometheus_tsdb_out_of_")
    ]
    for kind in ("sample_duplicate_timestamp", "sample_out_of_order", "sample_out_of_bounds"):
        assert f"prometheus_target_scrapes_{kind}_total" in complaints
    for name in complaints:
        assert float(own[name]) == 0, f"{name} {own[name]}"
    for line in prometheus.text().splitlines():
        for word in ("level=warn", "level=error", "Append failed", "Error on ingesting", "duplicate", "out of order"):
            assert word not in line, line
    for target in prometheus.api("targets")["activeTargets"]:
        assert target["health"] == "up" and not target["lastError"], target


def tell(bin_dir, state_file_flags=()):
    with stack.scratch() as directory, stack.Simulator(
        bin_dir, directory, "--seed", "11", "--projects", "2", "--servers", "0"
    ) as simulator:
        known = {
            "state": "Active", "is_power_on": True, "cpu": 3, "ram_mb": 4096,
            "volumes": [{"id": 77, "size_mb": 25600}], "nics": [{"id": 88, "bandwidth_mbps": 50}],
        }  # fmt: skip
        ids = simulator.control("POST", f"projects/{STEADY}/servers", {"count": 4, **known})["ids"]
        simulator.control("POST", f"projects/{ENDLESS}/servers", {"count": 4, **known})
        simulator.control("PATCH", f"projects/{STEADY}", {"balance": "100", "currency": "USD"})
        simulator.control("PATCH", f"projects/{ENDLESS}", {"balance": "-3.25", "currency": "EUR"})
        config = stack.config_of(simulator, directory, CONFIG)

        def start(listen):
            return stack.Exporter(bin_dir, directory, "--config.file", config, *state_file_flags, listen=listen)

        with contextlib.ExitStack() as programs:
            exporter = programs.enter_context(start(f"{LISTEN_HOST}:0"))
            relay = programs.enter_context(TextRelay(exporter.address))

            def watch():
                return programs.enter_context(Prometheus(directory, dict(zip(JOBS, (exporter.address, relay.address)))))

            story = Story(simulator, watch())
            check_values(story, ids)
            check_formats(story)
            added = change_everything(story, ids)
            fail_and_recover(story, ids[:3] + [added])
            see_the_other_end(story)
            check_first_life(story, ids, added)
            look_away(story, exporter, watch)
            restart(story, exporter, functools.partial(start, exporter.address), kept=bool(state_file_flags))
            assert relay.content_types == {"text/plain; version=0.0.4; charset=utf-8"}, relay.content_types


if __name__ == "__main__":
    if "--state-file" in sys.argv[2:]:
        with stack.scratch() as kept:
            tell(sys.argv[1], ("--state.file", kept / "state.json"))
    else:
        tell(sys.argv[1])
    print("Prometheus stored what was so")
