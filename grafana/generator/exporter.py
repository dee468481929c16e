"""Can the figures be trusted? The exporter, its collectors, the API."""

from panels import (
    BAD_IF_ANY,
    BLUE,
    GREEN,
    OK_FAILED,
    ORANGE,
    PROJECT,
    RED,
    WARN_IF_ANY,
    YES_NO,
    chart,
    column,
    counts,
    dashboard,
    instant,
    query,
    ranking,
    row,
    rows_of,
    stat,
    steps,
    table,
    variable,
    words,
)
from queries import alerts, firing, of

INSTANCE = variable(
    "instance", "Exporter", "serverspace_exporter_build_info", "instance", "Exporters, as Prometheus scrapes them."
)
I = 'instance=~"$instance"'
PER = "project, collector"


def own(metric, *matchers):
    """A metric of the chosen exporters about themselves."""
    return of(metric, *matchers, project=I)


def process(metric):
    return f"process_{metric}{{{I}}}\nand on (job, instance) serverspace_exporter_build_info"


def both(metric, *matchers):
    """A metric by project of the chosen exporters."""
    return of(metric, I, *matchers)


def rate(metric, by):
    return f"sum by ({by}) (rate({metric}[$__rate_interval]))"


def quantile(share):
    buckets = own("api_request_duration_seconds_bucket")
    return f"histogram_quantile({share}, sum by (le, route) (rate({buckets}[$__rate_interval])))"


NOW = row(
    "Now",
    stat(
        "Exporters",
        "Exporters that Prometheus scrapes with success.",
        "none",
        instant(f"count({own('exporter_build_info')})"),
        size=(3, 4),
        thresholds=steps(GREEN),
        empty="none",
    ),
    stat(
        "Failing collectors",
        "Collectors whose last run failed, over all chosen projects. What they told before is served for a while.",
        "none",
        instant(f"sum(1 - max by ({PER}) ({both('collector_success')}))"),
        size=(4, 4),
        thresholds=BAD_IF_ANY,
    ),
    stat(
        "Oldest good read of a project",
        "Age of the oldest last success of the collector project: how old the balances are at worst.",
        "s",
        instant(
            f"""time() - min(max by (project) ({both('collector_last_success_timestamp_seconds', 'collector="project"')}))"""
        ),
        size=(5, 4),
        decimals=0,
        thresholds=steps(GREEN, (180, ORANGE), (900, RED)),
    ),
    stat(
        "Circuit",
        "Open: a host of the API cannot be reached, and requests fail at once until one gets through.",
        "none",
        instant(f"max by (host) ({own('api_circuit_open')})", "{{host}}"),
        size=(4, 4),
        mappings=words(_0=("closed", GREEN), _1=("open", RED)),
        names=True,
        empty="no request yet",
    ),
    stat(
        "State on disk",
        "Whether totals and times survive a restart. If not: no state_file is set, or it cannot be written.",
        "none",
        instant(f"min({own('exporter_state_persistent')})"),
        size=(4, 4),
        mappings=YES_NO,
    ),
    stat(
        "Configuration",
        "Whether the last reload was taken over. If not, the one before is in use; the log tells why.",
        "none",
        instant(f"min({own('exporter_config_last_reload_successful')})"),
        size=(4, 4),
        mappings=OK_FAILED,
    ),
    table(
        "Each exporter",
        "Each exporter, what it was built from, and what scraping it costs.",
        [
            rows_of(f"max by (job, instance, version, revision) ({own('exporter_build_info')})"),
            rows_of(f"max by (job, instance) ({own('exporter_projects')})"),
            rows_of(f"time() - max by (job, instance) ({process('start_time_seconds')})"),
            rows_of(f"time() - max by (job, instance) ({own('exporter_config_last_reload_success_timestamp_seconds')})"),
            rows_of(
                f"max by (job, instance) (scrape_samples_scraped{{{I}}} and on (job, instance) serverspace_exporter_build_info)"
            ),
            rows_of(
                f"max by (job, instance) (scrape_duration_seconds{{{I}}} and on (job, instance) serverspace_exporter_build_info)"
            ),
        ],
        [
            column("instance", "Exporter"),
            column("job", "Job"),
            column("version", "Version"),
            column("revision", "Revision"),
            column("B", "Projects"),
            column("C", "Runs for", "s", decimals=0),
            column("D", "Configuration of", "s", decimals=0),
            column("E", "Samples"),
            column("F", "Scrape takes", "s", thresholds=steps(GREEN, (1, ORANGE), (5, RED))),
        ],
        size=(16, 7),
        sort="Exporter",
        empty="no exporter",
    ),
    table(
        "Alerts on the exporter",
        "Alerts that say that figures cannot be trusted.",
        [rows_of(alerts(firing(family="exporter")))],
        [
            column("alertname", "Alert"),
            column("project", "Project"),
            column("what", "What"),
        ],
        size=(8, 7),
        sort="Alert",
        empty="nothing fires",
    ),
)

COLLECTORS = row(
    "Collectors",
    table(
        "Collectors",
        "Every collector of every chosen project. An age over three intervals is ServerspaceCollectorStale; a collector of a "
        "product that the project does not have is not supported, and asks rarely.",
        [
            rows_of(f"max by ({PER}) ({both('collector_interval_seconds')})"),
            rows_of(f"max by ({PER}) ({both('collector_success')})"),
            rows_of(f"max by ({PER}) ({both('collector_supported')})"),
            rows_of(f"time() - max by ({PER}) ({both('collector_last_success_timestamp_seconds')})"),
            rows_of(f"time() - max by ({PER}) ({both('collector_last_attempt_timestamp_seconds')})"),
            rows_of(f"max by ({PER}) ({both('collector_duration_seconds')})"),
            rows_of(f"max by ({PER}) ({both('collector_series')})"),
            rows_of(f"sum by ({PER}) (increase({both('collector_errors_total')}[$__range]))"),
            rows_of(
                f"(time() - max by ({PER}) ({both('collector_last_success_timestamp_seconds')}))\n"
                f"/ max by ({PER}) ({both('collector_interval_seconds')})"
            ),
        ],
        [
            column("project", "Project"),
            column("collector", "Collector"),
            column("B", "Last run", mappings=OK_FAILED, empty="not yet"),
            column("C", "Supported", mappings=words(_1=("yes", GREEN), _0=("no", BLUE)), empty="–"),
            column("A", "Every", "s"),
            column("D", "Last success", "s", decimals=0, empty="never"),
            column("I", "In intervals", thresholds=steps(GREEN, (2, ORANGE), (3, RED)), decimals=1, empty="–"),
            column("E", "Last attempt", "s", decimals=0, empty="never"),
            column("F", "Took", "s", decimals=2, empty="–"),
            column("G", "Series", empty="–"),
            column("H", "Errors in this time", thresholds=WARN_IF_ANY, decimals=0, empty="–"),
        ],
        size=(24, 12),
        sort="In intervals",
        descending=True,
        empty="no collector",
    ),
    counts(
        "Failed runs by reason",
        "Runs that failed. auth: the key is refused. rate_limited: ask less often. timeout, network, tls: the way to "
        "the API. server_error, bad_response: the API itself.",
        query(f"sum by (reason) (increase({both('collector_errors_total')}[$__rate_interval]))", "{{reason}}"),
        stacked=True,
        empty="no collector",
    ),
    chart(
        "Time that runs take",
        "The last run of each collector, the slowest of the chosen projects. A run must end within 0.8 of its " "interval.",
        "s",
        query(f"max by (collector) ({both('collector_duration_seconds')})", "{{collector}}"),
    ),
    counts(
        "Served series",
        "Series on the page by collector. They go when a collector has failed for too long.",
        query(f"sum by (collector) (max by ({PER}) ({both('collector_series')}))", "{{collector}}"),
        stacked=True,
    ),
    counts(
        "Left out",
        "Runs that the rate limit left no room for, and series that were dropped, by reason. Both should be 0.",
        query(
            f"sum by (collector) (increase({both('collector_skipped_runs_total')}[$__rate_interval]))",
            "skipped runs: {{collector}}",
        ),
        query(
            f"sum by (reason) (increase({both('collector_dropped_series_total')}[$__rate_interval]))",
            "dropped series: {{reason}}",
        ),
        empty="nothing was left out",
    ),
)

API = row(
    "Requests to the API",
    chart(
        "Requests by answer",
        "Attempts a second by status, or by reason where there was no answer.",
        "reqps",
        query(rate(own("api_requests_total"), "code"), "{{code}}"),
        stacked=True,
    ),
    chart(
        "Requests by route",
        "Attempts a second. It follows the intervals of the collectors and, for those by server, the number of servers.",
        "reqps",
        query(rate(own("api_requests_total"), "route"), "{{route}}"),
        stacked=True,
    ),
    chart(
        "Time to an answer, 95th percentile",
        "How long 95 of 100 attempts take at most, by route.",
        "s",
        query(f"{quantile(0.95)} >= 0", "{{route}}"),
    ),
    chart(
        "Retries and waiting",
        "Attempts a second that repeated a failed one, and seconds a second that requests waited for the rate limit: 1 is "
        "always one in waiting.",
        "none",
        query(f"sum(rate({own('api_request_retries_total')}[$__rate_interval]))", "retries"),
        query(rate(both("api_limiter_wait_seconds_total"), "project"), "waiting: {{project}}"),
    ),
    stat(
        "Clock of the API",
        "Clock of the API minus clock of the exporter. Beyond some seconds one of them is wrong, and ages are too.",
        "s",
        instant(f"max by (host) ({own('api_clock_offset_seconds')})", "{{host}}"),
        size=(6, 6),
        decimals=0,
        names=True,
        thresholds=steps(RED, (-60, ORANGE), (-10, GREEN), (10, ORANGE), (60, RED)),
        empty="no request yet",
    ),
    table(
        "New in the API",
        "Fields with words that this version does not know, or with items that it cannot read, since the exporter "
        "started. Nothing else is affected; look for a newer version.",
        [
            rows_of(
                f"""label_replace(sum by (field) ({own('api_unknown_values_total')}) > 0, "what", "unknown word", "", "")\n"""
                f"""or label_replace(sum by (field) ({own('api_bad_items_total')}) > 0, "what", "unreadable item", "", "")"""
            ),
        ],
        [column("field", "Field"), column("what", "What"), column("A", "How often", thresholds=WARN_IF_ANY)],
        size=(18, 6),
        sort="Field",
        empty="nothing",
    ),
)

PROCESS = row(
    "The process",
    chart(
        "CPU",
        "Processors in use: 1 is one that does nothing else.",
        "percentunit",
        query(
            f"rate(process_cpu_seconds_total{{{I}}}[$__rate_interval])\nand on (job, instance) serverspace_exporter_build_info",
            "{{instance}}",
        ),
        size=(8, 7),
    ),
    chart(
        "Memory",
        "Memory of the process that is in RAM.",
        "bytes",
        query(process("resident_memory_bytes"), "{{instance}}"),
        size=(8, 7),
    ),
    counts(
        "Files and threads",
        "Open file descriptors and their limit share, and threads.",
        query(process("open_fds"), "files {{instance}}"),
        query(process("threads"), "threads {{instance}}"),
        size=(8, 7),
    ),
    counts(
        "Connections",
        "Connections that are open to the exporter.",
        query(own("exporter_http_connections"), "{{instance}}"),
        size=(8, 7),
    ),
    chart(
        "Turned away",
        "Requests and connections a second that the exporter refused, by reason.",
        "reqps",
        query(rate(own("exporter_http_rejected_total"), "reason"), "{{reason}}"),
        size=(8, 7),
        empty="none was turned away",
    ),
    counts(
        "Writes of the state that failed",
        "The log tells why. Totals are served all the same, but would not survive a restart.",
        query(f"sum by (instance) (increase({own('exporter_state_write_errors_total')}[$__rate_interval]))", "{{instance}}"),
        size=(8, 7),
        thresholds=BAD_IF_ANY,
    ),
    collapsed=True,
)

DISCOVERY = row(
    "Service discovery",
    chart(
        "Questions for targets",
        "Answers a second to who asked for the servers as targets, by status. 503: a list is not there yet, so that "
        "Prometheus keeps its targets; 400: the question was wrong.",
        "reqps",
        query(rate(own("sd_requests_total"), "code"), "{{code}}"),
        empty="nobody asked",
        size=(12, 7),
    ),
    ranking(
        "Servers without a fitting address",
        "Servers that were left out, as they have no IPv4 address in the network that was asked for.",
        "none",
        instant(f"max by (project) ({both('sd_targets_skipped')})", "{{project}}"),
        size=(12, 7),
        empty="nobody asked",
        thresholds=WARN_IF_ANY,
        decimals=0,
    ),
    collapsed=True,
)

DASHBOARD = dashboard(
    "serverspace-exporter",
    "Serverspace / Exporter",
    "Whether the figures can be trusted: the exporter, its collectors, and the API as it sees it.",
    [PROJECT, INSTANCE],
    [NOW, COLLECTORS, API, PROCESS, DISCOVERY],
)
