"""All projects at a glance: what is wrong, and who has how much of what."""

from panels import (
    BAD_IF_ANY,
    BLUE,
    DAY,
    GREEN,
    LOCATION,
    MONEY,
    ORANGE,
    PROJECT,
    RED,
    RUNWAY,
    STATES,
    THIS,
    WARN_IF_ANY,
    YES_NO,
    chart,
    column,
    counts,
    dashboard,
    field,
    instant,
    query,
    ranking,
    row,
    rows_of,
    stat,
    steps,
    table,
    to,
    words_of,
)
from queries import P, alerts, firing, info, of, or_zero, placed, top

SEVERITIES = words_of(critical=RED, warning=ORANGE, info=BLUE)
SERVERS_AT = "project_location:serverspace_server_info:count"
STATES_AT = "project_location_state:serverspace_server_state:sum"
WITH_PROJECT = f'{P}, project!=""'
MONEY_LINK = [to("serverspace-money", "Money of this project", project=THIS)]

GLANCE = row(
    "At a glance",
    stat(
        "Projects",
        "Projects that an exporter watches. Fewer than you have: one is missing from the configuration.",
        "none",
        instant(f"count({top('project', 'up')})"),
        size=(3, 4),
        empty="no exporter",
    ),
    stat(
        "Unreadable",
        "Projects whose last read failed. What is shown of them is old; the exporter's dashboard tells why.",
        "none",
        instant(f"sum(1 - {top('project', 'up')})"),
        size=(3, 4),
        thresholds=BAD_IF_ANY,
        links=[to("serverspace-exporter", "Why")],
    ),
    stat(
        "Shortest runway",
        "How long the money of the project that is nearest to its end lasts, at the rate of the last days.",
        "s",
        instant(f"min({of('project_currency:serverspace_project_runway_seconds:min')})"),
        size=(4, 4),
        decimals=1,
        thresholds=RUNWAY,
        empty="needs 12 h of data",
        links=[to("serverspace-money", "Money")],
    ),
    stat(
        "Alerts",
        "Alerts of the shipped rules that fire now, by severity.",
        "none",
        instant(f"count by (severity) ({firing()})", "{{severity}}"),
        size=(5, 4),
        thresholds=WARN_IF_ANY,
        empty="none",
        names=True,
    ),
    stat(
        "Servers",
        "Servers in the chosen projects and locations.",
        "none",
        instant(or_zero(f"sum({placed(SERVERS_AT)})")),
        size=(3, 4),
        links=[to("serverspace-servers", "Servers")],
    ),
    stat(
        "Off",
        "Servers that are powered off. They cost money too.",
        "none",
        instant(or_zero(f"sum({placed(SERVERS_AT)} - {placed('project_location:serverspace_server_power_on:sum')})")),
        size=(3, 4),
        thresholds=WARN_IF_ANY,
    ),
    stat(
        "Blocked",
        "Servers that the provider has blocked, mostly for want of money.",
        "none",
        instant(or_zero(f"""sum({placed(STATES_AT, 'state="blocked"')})""")),
        size=(3, 4),
        thresholds=BAD_IF_ANY,
    ),
)

PROJECTS = row(
    "Projects and alerts",
    table(
        "Each project",
        "Each project with its money, from the shipped rules. A day's spend and the runway appear after half a day of data. The age "
        "of the last read tells whether a row can be trusted.",
        [
            rows_of(top("project, currency", "project_currency:serverspace_project_balance:max")),
            rows_of(f"{DAY} * {top('project, currency', 'project_currency:serverspace_project_spend_per_second:rate1d')}"),
            rows_of(top("project, currency", "project_currency:serverspace_project_runway_seconds:min")),
            rows_of(top("project", "servers")),
            rows_of(f"{top('project, state', 'project_state')} == 1"),
            rows_of(f"count by (project) ({firing(project=WITH_PROJECT)})"),
            rows_of("time() - " + top("project", "collector_last_success_timestamp_seconds", 'collector="project"')),
        ],
        [
            column("project", "Project", links=MONEY_LINK),
            column("state", "State", mappings=STATES, width=110),
            column("A", "Balance", MONEY, decimals=2),
            column("currency", "Currency", width=90),
            column("B", "Spend a day", MONEY, decimals=2, empty="–"),
            column("C", "Runway", "s", thresholds=RUNWAY, decimals=1, empty="–"),
            column("D", "Servers", links=[to("serverspace-servers", "Its servers", project=field("Project"))]),
            column("F", "Alerts", thresholds=WARN_IF_ANY, empty="–"),
            column("G", "Last read", "s", thresholds=steps(GREEN, (180, ORANGE), (900, RED)), decimals=0),
        ],
        size=(15, 10),
        sort="Runway",
        empty="no project",
    ),
    table(
        "Firing alerts",
        "Alerts of the shipped rules that fire now, as Prometheus sees them; what is silenced in Alertmanager is here too. What to "
        "do stands in docs/runbooks.md under the name of the alert.",
        [rows_of(alerts(firing()))],
        [
            column("severity", "Severity", mappings=SEVERITIES, width=90),
            column("alertname", "Alert"),
            column("project", "Project", links=MONEY_LINK),
            column("what", "What"),
        ],
        size=(9, 10),
        sort="Severity",
        empty="nothing fires",
    ),
)

SERVERS = row(
    "Servers",
    counts(
        "Servers by project",
        "Number of servers. A sudden fall is ServerspaceServersVanished; a gap is time without data.",
        query(top("project", "servers"), "{{project}}"),
        stacked=True,
    ),
    counts(
        "Servers by state",
        "Servers of the chosen locations by what the provider says of them.",
        query(f"sum by (state) ({placed(STATES_AT)})", "{{state}}"),
        stacked=True,
    ),
    ranking(
        "Servers by location",
        "Where the servers are.",
        "none",
        instant(f"sum by (location) ({placed(SERVERS_AT)})", "{{location}}"),
        size=(8, 8),
        decimals=0,
        empty="no servers",
    ),
    counts(
        "CPU cores by project",
        "Cores of all chosen servers, on or off.",
        query(f"sum by (project) ({placed('project_location:serverspace_server_cpu_cores:sum')})", "{{project}}"),
        size=(8, 8),
        stacked=True,
    ),
    chart(
        "Memory by project",
        "Memory of all chosen servers, on or off.",
        "bytes",
        query(f"sum by (project) ({placed('project_location:serverspace_server_memory_bytes:sum')})", "{{project}}"),
        size=(8, 8),
        stacked=True,
    ),
)


def with_name(kind, expr, keep="name, location"):
    return f"{expr}\n* on (project, {kind}_id) group_left ({keep})\n{info(kind, which=P)}"


GROUP = "project, cluster_id, node_group_id"
REST = row(
    "Everything else",
    table(
        "What else there is",
        "Number of other things by project. An empty cell is a product that the project does not have.",
        [
            rows_of(top("project", family))
            for family in (
                "networks",
                "gateways",
                "kubernetes_clusters",
                "vmware_servers",
                "domains",
                "ssh_keys",
                "affinity_groups",
            )
        ]
        + [rows_of(f"sum by (project) ({top('project, resource', 'operations_in_progress')})")],
        [
            column("project", "Project"),
            column("A", "Networks"),
            column("B", "Gateways"),
            column("C", "Kubernetes clusters", empty="–"),
            column("D", "VMware servers", empty="–"),
            column("E", "Domains", empty="–"),
            column("F", "SSH keys"),
            column("G", "Affinity groups"),
            column("H", "Operations", links=[to("serverspace-operations", "Operations", project=field("Project"))]),
        ],
        size=(24, 8),
        sort="Project",
        empty="no project",
    ),
    table(
        "Gateways",
        "Gateways with state, power and what they serve.",
        [
            rows_of(with_name("gateway", f"({top('project, gateway_id, state', 'gateway_state')} == 1)")),
            *[
                rows_of(top("project, gateway_id", f"gateway_{what}"))
                for what in ("power_on", "networks", "nat_rules", "firewall_rules")
            ],
        ],
        [
            column("name", "Gateway"),
            column("project", "Project"),
            column("location", "Location"),
            column("state", "State", mappings=STATES),
            column("B", "On", mappings=YES_NO),
            column("C", "Networks"),
            column("D", "NAT rules"),
            column("E", "Firewall rules"),
        ],
        size=(12, 8),
        sort="Gateway",
        empty="no gateways",
    ),
    table(
        "Networks",
        "Isolated networks and what is in them.",
        [
            rows_of(
                with_name("network", f"({top('project, network_id, state', 'network_state')} == 1)", "name, location, prefix")
            ),
            rows_of(top("project, network_id", "network_servers")),
            rows_of(top("project, network_id", "network_gateways")),
        ],
        [
            column("name", "Network"),
            column("project", "Project"),
            column("location", "Location"),
            column("prefix", "Prefix"),
            column("state", "State", mappings=STATES),
            column("B", "Servers"),
            column("C", "Gateways", empty="–"),
        ],
        size=(12, 8),
        sort="Network",
        empty="no networks",
    ),
    table(
        "Kubernetes node groups",
        "Nodes that a group is set up to have, and servers that are listed as its nodes. They differ while it grows or shrinks.",
        [
            rows_of(
                f"({top(GROUP + ', state', 'kubernetes_node_group_state')} == 1)\n"
                f"* on ({GROUP}) group_left (name)\ntopk by ({GROUP}) (1, {of('kubernetes_node_group_info')})"
            ),
            rows_of(top(GROUP, "kubernetes_node_group_nodes")),
            rows_of(top(GROUP, "kubernetes_node_group_servers")),
        ],
        [
            column("cluster_id", "Cluster"),
            column("name", "Node group"),
            column("project", "Project"),
            column("state", "State", mappings=STATES),
            column("B", "Nodes"),
            column("C", "Servers"),
        ],
        size=(12, 8),
        sort="Cluster",
        empty="no clusters",
    ),
    table(
        "Domains",
        "Delegated: the registrar points to the provider's name servers, so that the records here have an effect.",
        [
            rows_of(top("project, domain", "domain_delegated")),
            rows_of(f"sum by (project, domain) ({top('project, domain, type', 'domain_records')})"),
        ],
        [
            column("domain", "Domain"),
            column("project", "Project"),
            column("A", "Delegated", mappings=YES_NO),
            column("B", "Records"),
        ],
        size=(12, 8),
        sort="Domain",
        empty="no domains",
    ),
    collapsed=True,
)

DASHBOARD = dashboard(
    "serverspace-fleet",
    "Serverspace / Fleet",
    "All projects at a glance: money, servers, alerts. Figures come from serverspace-exporter and its rules.",
    [PROJECT, LOCATION],
    [GLANCE, PROJECTS, SERVERS, REST],
)
