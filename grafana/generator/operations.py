"""What is going on: operations on resources, and the tasks that somebody asked to watch."""

from panels import (
    BAD_IF_ANY,
    GREEN,
    ORANGE,
    PROJECT,
    RED,
    STATES,
    chart,
    column,
    dashboard,
    field,
    instant,
    query,
    row,
    rows_of,
    stat,
    steps,
    table,
    to,
)
from queries import P, firing, info, of, top

# The limits of ServerspaceServerStuck and ServerspaceOperationStuck.
AGE = steps(GREEN, (3600, ORANGE), (6 * 3600, RED))
IN_PROGRESS = top("project, resource", "operations_in_progress")
OLDEST = of("project_resource:serverspace_operations_age_seconds:max")

NOW = row(
    "Operations",
    stat(
        "In progress",
        "Resources that are new, busy or being changed otherwise, of all types.",
        "none",
        instant(f"sum({IN_PROGRESS})"),
        size=(5, 5),
    ),
    stat(
        "The oldest",
        "For how long the oldest of them has been seen so. Over an hour for servers and gateways, over six for the rest, an "
        "alert fires.",
        "s",
        instant(f"max({OLDEST})"),
        size=(5, 5),
        decimals=0,
        thresholds=AGE,
        empty="none in progress",
    ),
    table(
        "By type",
        "Resources that are not settled now, by project and type. A type that is collected is shown with 0 too.",
        [rows_of(IN_PROGRESS), rows_of(f"max by (project, resource) ({OLDEST})")],
        [
            column("project", "Project"),
            column("resource", "Type"),
            column("A", "In progress"),
            column("B", "The oldest since", "s", thresholds=AGE, decimals=0, empty="–"),
        ],
        size=(14, 10),
        sort="In progress",
        descending=True,
        empty="nothing is collected",
    ),
    stat(
        "Stuck",
        "Alerts that fire on servers, gateways or others whose operation does not end.",
        "none",
        instant(f"count({firing('(Server|Gateway|Operation)Stuck', project=P)})"),
        size=(10, 5),
        thresholds=BAD_IF_ANY,
        empty="none",
    ),
    table(
        "Servers that an operation holds",
        "Which servers are new or busy, and since when; no other change is accepted meanwhile.",
        [
            rows_of(
                f"""(max by (project, server_id, state) ({of('server_state', 'state=~"new|busy"')}) == 1)\n"""
                f"* on (project, server_id) group_left (name, location)\n{info(which=P)}"
            ),
            rows_of(
                f"(time() - min by (project, server_id) ({of('server_state_since_timestamp_seconds')}))\n"
                f"""and on (project, server_id) (max by (project, server_id) ({of('server_state', 'state=~"new|busy"')}) == 1)"""
            ),
        ],
        [
            column(
                "name",
                "Server",
                links=[
                    to("serverspace-servers", "This server", project=field("Project"), server="${__value.text:percentencode}")
                ],
            ),
            column("project", "Project"),
            column("location", "Location"),
            column("state", "State", mappings=STATES),
            column("B", "For", "s", thresholds=AGE, decimals=0),
            column("server_id", "Id"),
        ],
        size=(24, 8),
        sort="For",
        descending=True,
        empty="all servers are settled",
    ),
    chart(
        "Operations in progress",
        "Resources that are not settled, by type, over the chosen projects.",
        "none",
        query(f"sum by (resource) ({IN_PROGRESS})", "{{resource}}"),
        stacked=True,
        least=0,
        decimals=0,
    ),
    chart(
        "Age of the oldest operation",
        "A line that rises without end is an operation that hangs. Dashed: an hour and six, where alerts " "are.",
        "s",
        query(f"max by (project, resource) ({OLDEST})", "{{project}} {{resource}}"),
        least=0,
        thresholds=AGE,
        limits=True,
        empty="nothing was in progress",
    ),
)

DASHBOARD = dashboard(
    "serverspace-operations",
    "Serverspace / Operations and tasks",
    "Operations that are in progress, how long they take, and watched tasks.",
    [PROJECT],
    [NOW],
)
