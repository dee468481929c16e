"""What is going on: operations on resources, and the tasks that somebody asked to watch."""

from panels import (
    BAD_IF_ANY,
    GREEN,
    ORANGE,
    PROJECT,
    RED,
    STATES,
    THIS,
    chart,
    column,
    counts,
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
    words,
)
from queries import P, firing, named, of, per_server, top

# The limits of ServerspaceServerStuck and ServerspaceOperationStuck.
AGE = steps(GREEN, (3600, ORANGE), (6 * 3600, RED))
IN_PROGRESS = top("project, resource", "operations_in_progress")
HELD = 'state=~"new|busy"'
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
                named(f"({top('project, server_id, state', 'server_state', HELD)} == 1)", P)
            ),
            rows_of(
                f"(time() - min by (project, server_id) ({of('server_state_since_timestamp_seconds')}))\n"
                f"and on (project, server_id) ({per_server('server_state', HELD)} == 1)"
            ),
        ],
        [
            column(
                "name",
                "Server",
                links=[to("serverspace-servers", "This server", project=field("Project"), server=THIS)],
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
    counts(
        "Operations in progress",
        "Resources that are not settled, by type, over the chosen projects.",
        query(f"sum by (resource) ({IN_PROGRESS})", "{{resource}}"),
        stacked=True,
    ),
    chart(
        "Age of the oldest operation",
        "A line that rises without end is an operation that hangs. Dashed: an hour and six, where alerts " "are.",
        "s",
        query(f"max by (project, resource) ({OLDEST})", "{{project}} {{resource}}"),
        thresholds=AGE,
        limits=True,
        empty="nothing was in progress",
    ),
)

PENDING = 'state!~"completed|failed|canceled|lost"'
TASK = "project, task_id"
RUNNING = f"({top(TASK, 'task_state', PENDING)} == 1)"
TASK_AGE = f"(time() - {top(TASK, 'task_created_timestamp_seconds')})"


def seconds_for(share):
    return f"histogram_quantile({share}, sum by (le) (increase({of('task_duration_seconds_bucket')}[$__range]))) >= 0"


TASKS = row(
    "Watched tasks",
    stat(
        "Pending",
        "Tasks whose ids were handed to the exporter and that have not ended.",
        "none",
        instant(f"sum({top('project', 'tasks_pending')})"),
        size=(4, 4),
    ),
    stat(
        "Failed or lost",
        "Watched tasks that failed, or that the API does not know any more. They are shown for an hour after their end.",
        "none",
        instant(
            f"""sum(max by ({TASK}) ({of('task_state', 'state=~"failed|lost"')}))\nor 0 * sum({top('project', 'tasks_pending')})"""
        ),
        size=(4, 4),
        thresholds=BAD_IF_ANY,
    ),
    stat(
        "The oldest pending",
        "How long ago the oldest watched task that has not ended was created. Over an hour is ServerspaceTaskStuck.",
        "s",
        instant(f"max({TASK_AGE}\nand on ({TASK}) {RUNNING})"),
        size=(4, 4),
        decimals=0,
        thresholds=steps(GREEN, (3600, ORANGE)),
        empty="none pending",
    ),
    stat(
        "Half of them take up to",
        "The median of the time from creation to completion, of tasks that completed in the time that is shown.",
        "s",
        instant(seconds_for(0.5)),
        size=(6, 4),
        decimals=0,
        empty="none completed",
    ),
    stat(
        "95 of 100 take up to",
        "The 95th percentile of the time from creation to completion, of tasks that completed in the time that is shown.",
        "s",
        instant(seconds_for(0.95)),
        size=(6, 4),
        decimals=0,
        empty="none completed",
    ),
    table(
        "Watched tasks",
        "Each task with the server that it works on, if that is there. Ended tasks are shown for an hour (tasks.keep_finished).",
        [
            rows_of(
                f"(max by ({TASK}, state) ({of('task_state')}) == 1)\n* on ({TASK}) group_left (type, name)\n"
                f"topk by ({TASK}) (1, {of('project_task:serverspace_task_info:named')})"
            ),
            rows_of(f"max by ({TASK}) ({of('task_progress_ratio')})"),
            rows_of(TASK_AGE),
        ],
        [
            column("task_id", "Task"),
            column("type", "Type"),
            column("project", "Project"),
            column("name", "Server", links=[to("serverspace-servers", "This server", project=field("Project"), server=THIS)]),
            column("state", "State", mappings=STATES),
            column("B", "Progress", "percentunit", decimals=0, empty="–"),
            column("C", "Created before", "s", decimals=0, empty="–"),
        ],
        size=(24, 9),
        sort="Created before",
        empty="no task is watched",
    ),
    counts(
        "Pending tasks",
        "Watched tasks that have not ended, by project.",
        query(top("project", "tasks_pending"), "{{project}}"),
        stacked=True,
    ),
    counts(
        "Ended tasks by result",
        "Watched tasks that ended, by how. lost: the API does not know the task any more.",
        query(
            f"sum by (result) (increase({top('project, result', 'tasks_finished_total')}[$__rate_interval:5s]))", "{{result}}"
        ),
        bars=True,
        stacked=True,
    ),
    counts(
        "Refused ids",
        "Lines and requests that handed over no id, one of a project that is not configured, or more than there is room for, by reason.",
        query("sum by (reason) (increase(serverspace_tasks_refused_total[$__rate_interval]))", "{{reason}}"),
        bars=True,
        stacked=True,
        size=(12, 7),
    ),
    stat(
        "Watched files",
        "Whether what the configuration names under tasks.watch can be read. A file that is not there yet cannot.",
        "none",
        instant("min(serverspace_tasks_watch_path_readable)"),
        mappings=words(_1=("readable", GREEN), _0=("not all readable", ORANGE)),
        empty="none configured",
        size=(12, 7),
    ),
)

DASHBOARD = dashboard(
    "serverspace-operations",
    "Serverspace / Operations and tasks",
    "Operations that are in progress, how long they take, and watched tasks.",
    [PROJECT],
    [NOW, TASKS],
)
