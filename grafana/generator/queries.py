"""Pieces of PromQL that several dashboards share.

As in the rules, figures are first combined over all exporters (`max by`), so that two of them that overlap count once;
names are joined by `topk by (...) (1, ..._info)`, which stands for one of the names where a server has two.
"""

P = 'project=~"$project"'
LOCATED = f'{P}, location=~"$location"'
CHOSEN = f'{LOCATED}, name=~"$server"'


def of(metric, *matchers, project=P):
    """A metric or record of the chosen projects."""
    name = metric if ":" in metric else "serverspace_" + metric
    return f"{name}{{{', '.join((project, *matchers))}}}"


def top(labels, metric, *matchers):
    """By these labels, the greatest over all exporters."""
    return f"max by ({labels}) ({of(metric, *matchers)})"


def per_server(metric, *matchers):
    return top("project, server_id", metric, *matchers)


def info(kind="server", *, which):
    """The info of each server (gateway, ...), once."""
    key = "server_id" if kind == "vmware_server" else f"{kind}_id"
    return f"topk by (project, {key}) (1, serverspace_{kind}_info{{{which}}})"


def named(expr, which, keep="name, location"):
    """A value by (project, server_id, ...) of the chosen servers, with their names."""
    return f"{expr}\n* on (project, server_id) group_left ({keep})\n{info(which=which)}"


def placed(record, *matchers):
    """A record by place, of the chosen places."""
    return of(record, *matchers, project=LOCATED)


def chosen(expr, which):
    """A value by (project, server_id, ...) of the chosen servers."""
    return f"{expr}\nand on (project, server_id) serverspace_server_info{{{which}}}"


def or_zero(expr):
    """0 where servers are known but none is chosen; nothing where nothing is known."""
    return f"{expr}\nor 0 * sum({top('project', 'servers')})"


def firing(names=".+", family=".+", project='project=~"$project|"'):
    """Alerts of the shipped rules; by default also those that concern no project."""
    return f'ALERTS{{alertname=~"Serverspace{names}", alertstate="firing", family=~"{family}", {project}}}'


def alerts(which):
    """Alerts with one label that says what they are about, whatever that is."""
    about = ", ".join(f'"{label}"' for label in ("name", "application", "resource", "domain", "collector", "host", "field"))
    return f'max by (severity, alertname, project, what) (label_join({which}, "what", " ", {about}))'
