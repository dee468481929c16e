"""Every server: its state, size, volumes, interfaces, copies."""

from panels import (
    BAD_IF_ANY,
    BLUE,
    DAY,
    GREEN,
    GREY,
    LOCATION,
    ORANGE,
    PROJECT,
    RED,
    SERVER,
    STATES,
    WARN_IF_ANY,
    YES_NO,
    chart,
    column,
    dashboard,
    instant,
    query,
    ranking,
    row,
    rows_of,
    stat,
    steps,
    table,
    timeline,
    words,
    words_of,
)
from queries import CHOSEN, P, chosen, info, named, of, or_zero, per_server, placed, top

ONE = "project, server_id"


def total(metric, *matchers):
    return or_zero(f"sum({chosen(per_server(metric, *matchers), CHOSEN)})")


def with_name(expr, keep="name, location"):
    return named(expr, CHOSEN, keep)


def in_state(state):
    return f"""({per_server('server_state', f'state="{state}"')} == 1)"""


SUMS = row(
    "The chosen servers",
    stat("Servers", "Servers that are chosen above.", "none", instant(or_zero(f"count({info(which=CHOSEN)})")), size=(3, 4)),
    stat("On", "Servers that are powered on.", "none", instant(total("server_power_on")), size=(3, 4), thresholds=steps(GREEN)),
    stat(
        "New or busy",
        "Servers that an operation holds. Over an hour is ServerspaceServerStuck.",
        "none",
        instant(total("server_state", 'state=~"new|busy"')),
        size=(3, 4),
    ),
    stat(
        "Blocked",
        "Servers that the provider has blocked, mostly for want of money.",
        "none",
        instant(total("server_state", 'state="blocked"')),
        size=(3, 4),
        thresholds=BAD_IF_ANY,
    ),
    stat("CPU cores", "Cores of the chosen servers, on or off.", "none", instant(total("server_cpu_cores")), size=(4, 4)),
    stat("Memory", "Memory of the chosen servers, on or off.", "bytes", instant(total("server_memory_bytes")), size=(4, 4)),
    stat(
        "Volumes",
        "Size of all volumes of the chosen servers.",
        "bytes",
        instant(or_zero("sum(" + chosen(top("project, server_id, volume_id", "server_volume_size_bytes"), CHOSEN) + ")")),
        size=(4, 4),
    ),
)

POWER = words(_0=("off", GREY), _1=("on", GREEN), _2=("new", BLUE), _3=("busy", ORANGE), _4=("blocked", RED))

SERVERS = row(
    "Servers",
    table(
        "All of them",
        "One line a server. Names and tags are those of now. The age is that of the server, the last column tells for how "
        "long it is known to be in its state.",
        [
            rows_of(
                with_name(f"({top(ONE + ', state', 'server_state')} == 1)", "name, location, image, tags")
            ),
            rows_of(chosen(per_server("server_power_on"), CHOSEN)),
            rows_of(chosen(per_server("server_cpu_cores"), CHOSEN)),
            rows_of(chosen(per_server("server_memory_bytes"), CHOSEN)),
            rows_of(chosen(f"sum by ({ONE}) ({top(ONE + ', volume_id', 'server_volume_size_bytes')})", CHOSEN)),
            rows_of(chosen("time() - " + per_server("server_created_timestamp_seconds"), CHOSEN)),
            rows_of(chosen(f"time() - min by ({ONE}) ({of('server_state_since_timestamp_seconds')})", CHOSEN)),
        ],
        [
            column("name", "Server"),
            column("project", "Project"),
            column("location", "Location", width=90),
            column("state", "State", mappings=STATES, width=90),
            column("B", "On", mappings=YES_NO, width=60),
            column("C", "Cores", width=80),
            column("D", "Memory", "bytes", width=100),
            column("E", "Volumes", "bytes", width=100),
            column("image", "Image"),
            column("tags", "Tags"),
            column("F", "Age", "s", decimals=0, width=110),
            column("G", "In this state for", "s", decimals=0, width=130),
            column("server_id", "Id", width=110),
        ],
        size=(24, 12),
        sort="Server",
        empty="no servers",
    ),
)

# Closed at first: for thousands of servers over days it is too much to ask for; some should be chosen before.
HISTORY = row(
    "States over time",
    timeline(
        "States of each server",
        "What each chosen server was in: off, on, new, busy or blocked. An empty stretch is time without data. "
        "Of more than 100 servers those with trouble come first.",
        query(
            "topk(100,\n"
            + with_name(
                f"(\n4 * {in_state('blocked')}\nor 3 * {in_state('busy')}\nor 2 * {in_state('new')}\n"
                f"or {per_server('server_power_on')}\n)",
                "name",
            )
            + "\n)",
            "{{project}} {{name}}",
        ),
        POWER,
    ),
    collapsed=True,
)

VOLUMES = row(
    "Volumes and interfaces",
    ranking(
        "Largest volumes",
        "The 15 largest volumes of the chosen servers. Their fill level is known to the server alone: run "
        "node_exporter there.",
        "bytes",
        instant(
            "topk(15,\n"
            + with_name(
                f"{top(ONE + ', volume_id', 'server_volume_size_bytes')}\n* on ({ONE}, volume_id) group_left (volume)\n"
                f"topk by ({ONE}, volume_id) (1, "
                + "label_replace("
                + of("server_volume_info")
                + ', "volume", "$1", "name", "(.*)"))',
                "name",
            )
            + "\n)",
            "{{name}} {{volume}}",
        ),
        empty="no volumes",
        size=(12, 10),
    ),
    chart(
        "Size of volumes by location",
        "Size of all volumes in the chosen projects and locations, whichever server is chosen. Steps are volumes made, grown or deleted.",
        "bytes",
        query(
            f"sum by (location) ({placed('project_location:serverspace_server_volume_size_bytes:sum')})",
            "{{location}}",
        ),
        stacked=True,
        size=(12, 10),
    ),
    table(
        "Interfaces",
        "Network interfaces of the chosen servers. Without a limit the bandwidth is what the location gives. Addresses are "
        "shown unless the exporter's configuration says labels.addresses: false.",
        [
            rows_of(with_name(top(f"{ONE}, nic_id, network_id, network_type, ip_address, mac", "server_nic_info"))),
            rows_of(
                top(f"{ONE}, nic_id", "server_nic_bandwidth_limit_bytes_per_second")
                + f"\nand on ({ONE}) serverspace_server_info{{{CHOSEN}}}"
            ),
        ],
        [
            column("name", "Server"),
            column("project", "Project"),
            column("location", "Location"),
            column("network_type", "Kind"),
            column("ip_address", "Address"),
            column("network_id", "Network"),
            column("mac", "MAC"),
            column("B", "Limit", "Bps", empty="none"),
        ],
        sort="Server",
        empty="no interfaces",
    ),
)

COPIES = row(
    "Copies and applications",
    table(
        "Snapshots and backups",
        "How old the newest copy of each server is. Needs the collectors snapshots and backups, which are off by "
        "default. Older than a week is ServerspaceServerUnprotected; two days with backups on is ServerspaceBackupOld.",
        [
            rows_of(with_name(f"max by ({ONE}) (\n{of('server_snapshots')}\nor {of('server_backup_enabled')}\n)")),
            rows_of(per_server("server_snapshots")),
            rows_of("time() - " + per_server("server_snapshot_created_timestamp_seconds")),
            rows_of(per_server("server_backup_enabled")),
            rows_of("time() - " + per_server("server_backup_newest_restore_point_timestamp_seconds")),
            rows_of(per_server("server_backup_restore_points", 'state="failed"')),
            rows_of(per_server("server_backup_size_bytes")),
        ],
        [
            column("name", "Server"),
            column("project", "Project"),
            column("B", "Snapshots", empty="–"),
            column("C", "Newest snapshot", "s", thresholds=steps(GREEN, (7 * DAY, ORANGE)), decimals=0, empty="–"),
            column("D", "Backups", mappings=words(_1=("on", GREEN), _0=("off", GREY)), empty="–"),
            column(
                "E",
                "Newest restore point",
                "s",
                thresholds=steps(GREEN, (2 * DAY, ORANGE), (7 * DAY, RED)),
                decimals=0,
                empty="–",
            ),
            column("F", "Failed", thresholds=WARN_IF_ANY, empty="–"),
            column("G", "Size of backups", "bytes", empty="–"),
        ],
        size=(16, 9),
        sort="Server",
        empty="the collectors snapshots and backups are off",
    ),
    table(
        "Applications",
        "Applications that were ordered with servers, and how their installation ended.",
        [rows_of(with_name(f"({top(ONE + ', application, state', 'server_application_state')} == 1)", "name"))],
        [
            column("name", "Server"),
            column("project", "Project"),
            column("application", "Application"),
            column("state", "State", mappings=words_of(installed=GREEN, installing=BLUE, failed=RED)),
        ],
        size=(8, 9),
        sort="Server",
        empty="no applications",
    ),
    collapsed=True,
)

VMWARE_STATES = words_of(
    active=GREEN,
    new=BLUE,
    busy=BLUE,
    suspended=RED,
    need_money=RED,
    error=RED,
    deleted=GREY,
)
VMWARE = row(
    "VMware",
    table(
        "VMware servers",
        "Servers of the VMware cloud, in all locations: theirs are not those of the list above.",
        [
            rows_of(
                f"({top(ONE + ', state', 'vmware_server_state')} == 1)\n* on ({ONE}) group_left (name, computer_name, location)\n"
                + info("vmware_server", which=P)
            ),
            rows_of(per_server("vmware_server_power_on")),
            rows_of(per_server("vmware_server_cpu_cores")),
            rows_of(per_server("vmware_server_memory_bytes")),
            rows_of(per_server("vmware_server_system_disk_size_bytes")),
        ],
        [
            column("name", "Server"),
            column("computer_name", "Computer"),
            column("project", "Project"),
            column("location", "Location"),
            column("state", "State", mappings=VMWARE_STATES),
            column("B", "On", mappings=YES_NO),
            column("C", "Cores"),
            column("D", "Memory", "bytes"),
            column("E", "System disk", "bytes"),
            column("server_id", "Id"),
        ],
        size=(14, 9),
        sort="Server",
        empty="no VMware servers",
    ),
    table(
        "VMware networks",
        "Networks of the VMware cloud.",
        [
            rows_of(
                top("project, network_id", "vmware_network_nics")
                + "\n* on (project, network_id) group_left (name, type, prefix)\n"
                + f"topk by (project, network_id) (1, {of('vmware_network_info')})"
            ),
            rows_of(top("project, network_id", "vmware_network_bandwidth_limit_bytes_per_second")),
        ],
        [
            column("name", "Network"),
            column("project", "Project"),
            column("type", "Type"),
            column("prefix", "Prefix"),
            column("A", "Interfaces"),
            column("B", "Limit", "Bps", empty="none"),
        ],
        size=(10, 9),
        sort="Network",
        empty="no VMware networks",
    ),
    collapsed=True,
)

DASHBOARD = dashboard(
    "serverspace-servers",
    "Serverspace / Servers",
    "Servers with their states, sizes, volumes, interfaces and copies.",
    [PROJECT, LOCATION, SERVER],
    [SUMS, SERVERS, HISTORY, VOLUMES, COPIES, VMWARE],
)
