#!/usr/bin/env python3
"""Totals survive whatever ends the exporter: killed at random moments under load, it never takes back what it showed.

kill_test.py BIN_DIR [KILLS]   15 kills unless told otherwise

The simulator charges money all the time and gets top-ups in between. No interval is short enough for many polls in a test,
but the first pass runs at once, so each life of the exporter is a poll of every project.
"""

import decimal
import pathlib
import random
import re
import signal
import sys
import threading
import time

import stack

PROJECTS = 12
SERVERS = 3
# A month of charges in a few seconds.
SIMULATOR_FLAGS = ["--projects", PROJECTS, "--servers", SERVERS, "--time-factor", 200_000, "--seed", 3]
TOTAL = re.compile(r'serverspace_project_(spend|topup)_total\{project="([^"]+)",currency="[^"]+"\}')
# This one gets no top-up, so that what was spent equals what was charged and not only the balance of both.
NEVER_TOPPED_UP = "project-0"
# Beyond the first write, and beyond the next, which comes 2 s later.
LONGEST_LIFE_SECONDS = 2.6


def totals_of(samples):
    """`{(kind, project): amount}`"""
    return {
        match.groups(): decimal.Decimal(value)
        for series, value in samples.items()
        if (match := TOTAL.fullmatch(series))
    }


class Watch:
    """Reads pages as fast as it can, and sees to it that no total ever goes back or away."""

    def __init__(self):
        self.highest = {}
        self.pages = 0

    def look(self, exporter):
        totals = totals_of(exporter.samples())
        for key, highest in self.highest.items():
            assert key in totals, f"{key} was {highest} and is gone"
            assert totals[key] >= highest, f"{key} went back from {highest} to {totals[key]}"
        self.highest.update(totals)
        self.pages += 1
        return totals


class Payments:
    """Tops up one project after the other while the block lasts."""

    def __init__(self, simulator, projects):
        self.simulator = simulator
        self.projects = projects
        self.failure = None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        dice = random.Random(11)
        try:
            while not self.ending.wait(0.01):
                amount = f"{dice.randint(1, 99_999) / 100:.2f}"
                self.simulator.control("POST", f"projects/{dice.choice(self.projects)}/topup", {"amount": amount})
        except Exception as failure:  # told in the main thread
            self.failure = failure

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()


def life_seconds(dice):
    """Mostly around the first polls and writes, sometimes past the later ones."""
    return dice.uniform(0, 0.4) if dice.random() < 0.8 else dice.uniform(0.4, LONGEST_LIFE_SECONDS)


def die_early(bin_dir, directory, start, seconds):
    """Killed while it still reads, or writes what it read."""
    program = pathlib.Path(bin_dir) / "serverspace_exporter"
    flags = ["--web.listen-address", "127.0.0.1:0", *start]
    with stack.Program([program, *flags], directory / "exporter.log") as exporter:
        time.sleep(seconds)
        assert exporter.stop(signal.SIGKILL) == -signal.SIGKILL, exporter.text()


def live_and_die(exporter, watch, seconds):
    """Scrapes until the moment of the kill, which may come amid a request."""
    killer = threading.Timer(seconds, exporter.process.kill)
    killer.start()
    try:
        while exporter.process.poll() is None:
            try:
                watch.look(exporter)
            except (OSError, stack.http.client.HTTPException):
                exporter.process.wait(10)
    finally:
        killer.cancel()
        killer.join()
    assert exporter.process.returncode == -signal.SIGKILL, exporter.text()


def check_one_owner(bin_dir, directory, start):
    """While another exporter runs on the same state."""
    program = pathlib.Path(bin_dir) / "serverspace_exporter"
    with stack.Program([program, "--web.listen-address", "127.0.0.1:0", *start], directory / "second.log") as second:
        assert second.process.wait(10) == 2, second.text()
        assert "belongs to another exporter that is running" in second.text(), second.text()


def first_sights(exporter):
    """Since when each server is in its state, once all of them were read."""
    exporter.await_ready()
    return stack.await_condition(
        "times of first sight",
        lambda: {
            series: value
            for series, value in exporter.samples().items()
            if series.startswith("serverspace_server_state_since_timestamp_seconds")
        },
    )


def accounts_of(simulator):
    """`{project: (first, topups, charges, balance)}` in units, exact."""
    return {
        account["name"]: tuple(
            decimal.Decimal(account[part + "_micros"]).scaleb(-6)
            for part in ("first_balance", "topups", "charges", "balance")
        )
        for account in simulator.control("GET", "ledger")["projects"]
    }


def complete(totals, accounts):
    """Whether the totals tell of all that happened."""
    return all(
        totals[("topup", project)] - totals[("spend", project)] == topups - charges
        for project, (_, topups, charges, _) in accounts.items()
    )


def main(bin_dir, kills):
    dice = random.Random(20261125)
    watch = Watch()
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, *SIMULATOR_FLAGS) as simulator:
        state_dir = directory / "state"
        state_dir.mkdir()
        config = stack.config_of(simulator, directory, f"state_file: {state_dir}/state.json")
        start = ["--config.file", config]
        names = [key.name for key in simulator.keys()]

        # The books begin where the exporter's do.
        with stack.Exporter(bin_dir, directory, *start) as exporter:
            stack.await_condition("totals of all projects", lambda: len(watch.look(exporter)) == 2 * PROJECTS)
            assert set(watch.highest.values()) == {0}, watch.highest
            assert exporter.samples()["serverspace_exporter_state_persistent"] == "1"
            check_one_owner(bin_dir, directory, start)
            since = first_sights(exporter)
            assert len(since) == PROJECTS * SERVERS, since
            assert exporter.stop() == 0

        simulator.control("PATCH", "settings", {"billing": True})
        started = time.monotonic()
        with Payments(simulator, [name for name in names if name != NEVER_TOPPED_UP]) as payments:
            for kill in range(kills):
                if kill % 5 == 4:
                    die_early(bin_dir, directory, start, dice.uniform(0, 0.06))
                    continue
                with stack.Exporter(bin_dir, directory, *start) as exporter:
                    live_and_die(exporter, watch, life_seconds(dice))
        assert payments.failure is None, payments.failure
        simulator.control("PATCH", "settings", {"billing": False})
        seconds = time.monotonic() - started

        accounts = accounts_of(simulator)
        for _ in range(2):
            with stack.Exporter(bin_dir, directory, *start) as exporter:
                first = watch.look(exporter)
                stack.await_condition("all that happened", lambda: complete(watch.look(exporter), accounts))
                # Nothing changed its state all the time.
                assert first_sights(exporter) == since
                assert exporter.stop() == 0
        # The second of these lives had nothing to learn: all was on its first page.
        assert complete(first, accounts)
        charged = accounts[NEVER_TOPPED_UP][2]
        assert charged > 0 and watch.highest[("topup", NEVER_TOPPED_UP)] == 0, accounts[NEVER_TOPPED_UP]
        assert watch.highest[("spend", NEVER_TOPPED_UP)] == charged, (watch.highest, charged)
        for project, (_, topups, charges, _) in accounts.items():
            assert project == NEVER_TOPPED_UP or topups > 0, project
            assert watch.highest[("topup", project)] <= topups and watch.highest[("spend", project)] <= charges, project

        # Nothing that a killed writer left stays, and nothing was taken for damaged.
        left = {path.name for path in state_dir.iterdir()}
        assert left == {"state.json", "state.json.seen", "state.json.lock"}, left
        assert "level=error" not in exporter.text(), exporter.text()
        assert accounts_of(simulator) == accounts
    return f"{kills} kills in {seconds:.0f} s under {watch.pages} pages, {sum(a[2] for a in accounts.values())} charged"


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 15))
