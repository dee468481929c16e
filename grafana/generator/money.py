"""How much money is left, where it goes, and how long it lasts."""

from panels import (
    DAY,
    GREEN,
    MONEY,
    ORANGE,
    PROJECT,
    RED,
    RUNWAY,
    chart,
    column,
    dashboard,
    event,
    instant,
    query,
    ranking,
    row,
    rows_of,
    stat,
    steps,
    table,
)
from queries import of, top

RULES = "From the shipped rules; needs half of that time of data."
NAMED = "{{project}} {{currency}}"
OWNER = "project, currency"
BALANCE = "project_currency:serverspace_project_balance:max"
THRESHOLD = "project_severity:serverspace_project_balance_threshold:max"
RUNWAY_RECORD = "project_currency:serverspace_project_runway_seconds:min"


def spend(window):
    return f"{DAY} * {top(OWNER, f'project_currency:serverspace_project_spend_per_second:rate{window}')}"


def increase(total, window):
    # Of what all exporters together show, so that one that moved or restarted counts on where it was.
    return f"increase({top(OWNER, f'project_{total}_total')}[{window}:5m])"


NOW = row(
    "Now",
    stat(
        "Balance",
        "Money that is left, in units of the project's currency. It may be below zero.",
        MONEY,
        instant(of(BALANCE), NAMED),
        size=(8, 5),
        decimals=2,
        names=True,
        thresholds=steps(RED, (0.01, GREEN)),
    ),
    stat(
        "Spend a day",
        "What was spent in the last 24 hours that were watched. " + RULES,
        MONEY,
        instant(spend("1d"), NAMED),
        size=(8, 5),
        decimals=2,
        names=True,
        empty="needs 12 h of data",
    ),
    stat(
        "Runway",
        "How long the balance lasts at the rate of the last day or the last three, whichever is higher. Below a week is a "
        "warning, below two days is critical. " + RULES,
        "s",
        instant(of(RUNWAY_RECORD), NAMED),
        size=(8, 5),
        decimals=1,
        names=True,
        thresholds=RUNWAY,
        empty="needs 12 h of data",
    ),
    table(
        "Projects by runway",
        "The same as a table, with the day on which the money ends at this rate, the thresholds of the configuration, and what was "
        "spent and paid in during the time that is shown.",
        [
            rows_of(top(OWNER, BALANCE)),
            rows_of(spend("1d")),
            rows_of(spend("7d")),
            rows_of(top(OWNER, RUNWAY_RECORD)),
            # Beyond ten years a date says nothing.
            rows_of(f"1000 * (time() + ({top(OWNER, RUNWAY_RECORD)} < {3650 * DAY}))"),
            rows_of(top("project", THRESHOLD, 'severity="warning"')),
            rows_of(top("project", THRESHOLD, 'severity="critical"')),
            rows_of(increase("spend", "$__range")),
            rows_of(increase("topup", "$__range")),
            rows_of(f"{top('project', 'project_api_key_expiry_timestamp_seconds')} - time()"),
        ],
        [
            column("project", "Project"),
            column("currency", "Currency", width=90),
            column("A", "Balance", MONEY, decimals=2),
            column("B", "Spend a day", MONEY, decimals=2, empty="–"),
            column("C", "A day, over a week", MONEY, decimals=2, empty="–"),
            column("D", "Runway", "s", thresholds=RUNWAY, decimals=1, empty="–"),
            column("E", "Ends", "dateTimeAsIso", empty="–"),
            column("F", "Warning below", MONEY, decimals=2, empty="none set"),
            column("G", "Critical below", MONEY, decimals=2, empty="none set"),
            column("H", "Spent in this time", MONEY, decimals=2, empty="–"),
            column("I", "Paid in", MONEY, decimals=2, empty="–"),
            column(
                "J",
                "API key ends in",
                "s",
                thresholds=steps(RED, (2 * DAY, ORANGE), (14 * DAY, GREEN)),
                decimals=0,
                empty="not set",
            ),
        ],
        size=(24, 8),
        sort="Runway",
        empty="no project",
    ),
)

OVER_TIME = row(
    "Over time",
    chart(
        "Balance over time",
        "Money that is left, with the thresholds of the configuration as dashed lines. Blue marks are top-ups.",
        MONEY,
        query(of(BALANCE), NAMED),
        query(of(THRESHOLD), "{{project}} {{severity}} threshold"),
        size=(24, 10),
        decimals=2,
        least=None,
        dashed="/ threshold$/",
    ),
    chart(
        "Spend a day over time",
        "The rate of spending, as the last 24 hours and the last 7 days saw it. The day far above the week is "
        "ServerspaceSpendUnusual. " + RULES,
        MONEY,
        query(spend("1d"), NAMED + ", last day"),
        query(spend("7d"), NAMED + ", last week"),
        decimals=2,
        empty="needs 12 h of data",
    ),
    chart(
        "Runway over time",
        "How long the balance would have lasted at the rate of then. Dashed: a week and two days, where the alerts "
        "are. " + RULES,
        "s",
        query(of(RUNWAY_RECORD), NAMED),
        decimals=1,
        thresholds=RUNWAY,
        limits=True,
        empty="needs 12 h of data",
    ),
    chart(
        "Spent, day by day",
        "What the balance fell by in the 24 hours before each bar. Moves within one poll are netted: a charge in the "
        "very minute of a top-up hides in it.",
        MONEY,
        query(increase("spend", "1d"), NAMED, interval="1d"),
        decimals=2,
        bars=True,
    ),
    chart(
        "Paid in, day by day",
        "Rises of the balance in the 24 hours before each bar: top-ups, and refunds.",
        MONEY,
        query(increase("topup", "1d"), NAMED, interval="1d"),
        decimals=2,
        bars=True,
    ),
)

SUMS = row(
    "Sums",
    ranking(
        "Balance by currency",
        "All chosen projects together. Currencies are not added to each other.",
        MONEY,
        instant(f"sum by (currency) ({of(BALANCE)})", "{{currency}}"),
        size=(8, 7),
        decimals=2,
        empty="not known",
    ),
    ranking(
        "Spend a day by currency",
        "All chosen projects together. " + RULES,
        MONEY,
        instant(f"sum by (currency) ({spend('1d')})", "{{currency}}"),
        size=(8, 7),
        decimals=2,
        empty="needs 12 h of data",
    ),
    ranking(
        "Who spends most",
        "The ten of the chosen projects that spend most a day; compare within one currency. " + RULES,
        MONEY,
        instant(f"topk(10, {spend('1d')})", NAMED),
        size=(8, 7),
        decimals=2,
        empty="needs 12 h of data",
    ),
)

DASHBOARD = dashboard(
    "serverspace-money",
    "Serverspace / Money",
    "Balance, spend, top-ups and runway of each project. Sums of money are in the currency that stands beside them.",
    [PROJECT],
    [NOW, OVER_TIME, SUMS],
    since="now-14d",
    events=[event("Top-ups", f"{increase('topup', '10m')} > 0", "{{project}}: topped up")],
)
