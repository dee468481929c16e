"""What the dashboards are made of: panels, rows and variables, as the JSON model of Grafana 11.

A panel is a plain dict without place and id; Dashboard lays panels out in rows and numbers them.
"""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
GRID = 24

GREEN, YELLOW, ORANGE, RED, BLUE, GREY = "green", "yellow", "orange", "red", "blue", "text"
DAY = 86400
# Money is in units of the currency that stands beside it: no unit of Grafana fits all.
MONEY = "locale"


def steps(base, *further):
    """Thresholds: the colour from below, then (value, colour) from each value on."""
    return [{"color": base, "value": None}] + [{"color": color, "value": value} for value, color in further]


NEUTRAL = steps(BLUE)
BAD_IF_ANY = steps(GREEN, (1, RED))
WARN_IF_ANY = steps(GREEN, (1, ORANGE))
# The limits of ServerspaceRunwayCritical and ServerspaceRunwayShort.
RUNWAY = steps(RED, (2 * DAY, ORANGE), (7 * DAY, GREEN))


def words(**texts):
    """Words in place of numbers: _0=("off", GREY)."""
    return [
        {
            "type": "value",
            "options": {
                number.lstrip("_"): {"text": text, "color": color, "index": index}
                for index, (number, (text, color)) in enumerate(texts.items())
            },
        }
    ]


YES_NO = words(_1=("yes", GREEN), _0=("no", RED))
OK_FAILED = words(_1=("ok", GREEN), _0=("failed", RED))


def words_of(**colors):
    """Colours of the words that a label holds."""
    return [
        {
            "type": "value",
            "options": {word: {"text": word, "color": color, "index": n} for n, (word, color) in enumerate(colors.items())},
        }
    ]


STATES = words_of(
    active=GREEN,
    completed=GREEN,
    new=BLUE,
    busy=BLUE,
    inprogress=BLUE,
    blocked=RED,
    suspended=RED,
    failed=RED,
    canceled=ORANGE,
    lost=ORANGE,
)


def query(expr, legend="", interval=None):
    """Over time."""
    target = {"expr": expr, "range": True, "instant": False, "format": "time_series", "legendFormat": legend or "__auto"}
    return target | ({"interval": interval} if interval else {})


def instant(expr, legend=""):
    """Now."""
    return {"expr": expr, "range": False, "instant": True, "format": "time_series", "legendFormat": legend or "__auto"}


def rows_of(expr):
    """A table: a column for each label, and the value."""
    return {"expr": expr, "range": False, "instant": True, "format": "table", "legendFormat": "__auto"}


def to(uid, title, **variables):
    """A link to another dashboard, at the same time, with these variables."""
    url = f"/d/{uid}?${{__url_time_range}}&var-datasource=${{datasource}}"
    url += "".join(f"&var-{name}={value}" for name, value in variables.items())
    return {"title": title, "url": url, "targetBlank": False}


THIS = "${__value.text:percentencode}"


def field(name):
    """The value of another column of the same row."""
    return f"${{__data.fields.{name}:percentencode}}"


def _panel(kind, title, description, unit, targets, size, options, empty, thresholds, custom=None, **defaults):
    assert description and unit and empty, title
    color = {"mode": "palette-classic"} if kind == "timeseries" and thresholds is NEUTRAL else {"mode": "thresholds"}
    config = {
        "color": color,
        "unit": unit,
        "noValue": empty,
        "mappings": [],
        "thresholds": {"mode": "absolute", "steps": thresholds},
        "links": [],
        "custom": custom or {},
    }
    config |= {name: value for name, value in defaults.items() if value is not None}
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "size": size,
        "fieldConfig": {"defaults": config, "overrides": []},
        "options": options,
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": DATASOURCE, "editorMode": "code"} | target
            for n, target in enumerate(targets)
        ],
        "transformations": [],
    }


def _reduced():
    return {"values": False, "calcs": ["lastNotNull"], "fields": ""}


def stat(
    title,
    description,
    unit,
    *targets,
    size=(4, 4),
    empty="not known",
    thresholds=NEUTRAL,
    decimals=None,
    mappings=None,
    names=False,
    links=None,
):
    """One big figure, or one a series with its name."""
    options = {
        "reduceOptions": _reduced(),
        "orientation": "auto",
        "textMode": "value_and_name" if names else "auto",
        "wideLayout": True,
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    }
    return _panel(
        "stat",
        title,
        description,
        unit,
        targets,
        size,
        options,
        empty,
        thresholds,
        decimals=decimals,
        mappings=mappings,
        links=links,
    )


def chart(
    title,
    description,
    unit,
    *targets,
    size=(12, 8),
    empty="no data in this time",
    thresholds=NEUTRAL,
    decimals=None,
    stacked=False,
    bars=False,
    least=0,
    limits=False,
    dashed=None,
):
    """Lines over time. `limits` draws the thresholds; `dashed` is a regular expression of series that are limits too."""
    custom = {
        "drawStyle": "bars" if bars else "line",
        "lineInterpolation": "linear" if not stacked else "stepAfter",
        "lineWidth": 0 if bars else 1,
        "fillOpacity": 80 if bars else 30 if stacked else 0,
        "showPoints": "never",
        # A gap is a gap: what is not known is not drawn.
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if limits else "off"},
        "axisPlacement": "auto",
    }
    options = {
        "legend": {"showLegend": True, "displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    panel = _panel(
        "timeseries",
        title,
        description,
        unit,
        targets,
        size,
        options,
        empty,
        thresholds,
        custom,
        decimals=decimals,
        min=least,
    )
    if limits:
        panel["fieldConfig"]["defaults"]["color"] = {"mode": "palette-classic"}
    if dashed:
        panel["fieldConfig"]["overrides"].append(
            {
                "matcher": {"id": "byRegexp", "options": dashed},
                "properties": [
                    {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 8]}},
                    {"id": "color", "value": {"mode": "fixed", "fixedColor": RED}},
                ],
            }
        )
    return panel


def counts(title, description, *targets, **more):
    """Whole numbers over time."""
    return chart(title, description, "none", *targets, decimals=0, **more)


def ranking(title, description, unit, target, size=(12, 8), empty="none", thresholds=NEUTRAL, decimals=None, links=None):
    """Horizontal bars, one a series."""
    options = {
        "reduceOptions": _reduced(),
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "color",
        "namePlacement": "left",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
        "legend": {"showLegend": False, "displayMode": "list", "placement": "bottom", "calcs": []},
    }
    return _panel(
        "bargauge",
        title,
        description,
        unit,
        [target],
        size,
        options,
        empty,
        thresholds,
        decimals=decimals,
        min=0,
        links=links,
    )


def timeline(title, description, target, mappings, size=(24, 10), empty="no data in this time"):
    """A strip of states for each series."""
    options = {
        "showValue": "never",
        "rowHeight": 0.8,
        "mergeValues": True,
        "perPage": 20,
        "alignValue": "left",
        "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    custom = {"fillOpacity": 80, "lineWidth": 0}
    return _panel(
        "state-timeline", title, description, "none", [target], size, options, empty, NEUTRAL, custom, mappings=mappings
    )


def column(name, title, unit=None, mappings=None, thresholds=None, decimals=None, links=None, width=None, empty=None):
    """A column of a table. `name` is a label, or the letter of a query for its value."""
    properties = []
    if unit:
        properties.append({"id": "unit", "value": unit})
    if decimals is not None:
        properties.append({"id": "decimals", "value": decimals})
    if mappings:
        properties.append({"id": "mappings", "value": mappings})
    if thresholds:
        properties.append({"id": "thresholds", "value": {"mode": "absolute", "steps": thresholds}})
    if mappings or thresholds:
        properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    if links:
        properties.append({"id": "links", "value": links})
    if width:
        properties.append({"id": "custom.width", "value": width})
    if empty:
        properties.append({"id": "noValue", "value": empty})
    return name, title, properties


def table(title, description, targets, columns, size=(24, 9), empty="none", sort=None, descending=False):
    """Queries of format `table`, joined on the labels that all of them have."""
    several = len(targets) > 1
    names = {}
    for name, heading, _ in columns:
        if len(name) > 1:
            names[name] = heading
        elif several:
            names[f"Value #{name}"] = heading
        if name == "A":
            # So it is called also where the other queries have no answer.
            names["Value"] = heading
    overrides = [
        {"matcher": {"id": "byName", "options": heading}, "properties": properties}
        for _, heading, properties in columns
        if properties
    ]
    options = {
        "showHeader": True,
        "cellHeight": "sm",
        "frameIndex": 0,
        "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": []},
        "sortBy": [{"displayName": sort, "desc": descending}] if sort else [],
    }
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": True}
    panel = _panel("table", title, description, "none", targets, size, options, empty, NEUTRAL, custom)
    panel["fieldConfig"]["overrides"] = overrides
    panel["transformations"] = [
        # What a moment says does not tell rows apart.
        *(
            [{"id": "filterFieldsByName", "options": {"exclude": {"names": ["Time"]}}}, {"id": "merge", "options": {}}]
            if several
            else []
        ),
        {"id": "filterFieldsByName", "options": {"include": {"names": list(names)}}},
        {
            "id": "organize",
            "options": {
                "excludeByName": {},
                "includeByName": {},
                "indexByName": {name: index for index, name in enumerate(names)},
                "renameByName": names,
            },
        },
    ]
    return panel


def row(title, *panels, collapsed=False):
    return {"title": title, "panels": panels, "collapsed": collapsed}


def variable(name, label, series, of, description):
    """Values of a label, several at once, all at first."""
    return {
        "name": name,
        "label": label,
        "description": description,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {
            "qryType": 1,
            "query": f"label_values({series}, {of})",
            "refId": "PrometheusVariableQueryEditor-VariableQuery",
        },
        "definition": f"label_values({series}, {of})",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "options": [],
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "refresh": 2,
        "regex": "",
        "sort": 5,
        "hide": 0,
        "skipUrlSync": False,
    }


PROJECT = variable(
    "project",
    "Project",
    "serverspace_collector_interval_seconds",
    "project",
    "Projects, by their names in the exporter's configuration.",
)
LOCATION = variable(
    "location", "Location", 'serverspace_server_info{project=~"$project"}', "location", "Locations in which there are servers."
)
SERVER = variable(
    "server", "Server", 'serverspace_server_info{project=~"$project", location=~"$location"}', "name", "Servers, by name."
)


def _datasource():
    return {
        "name": "datasource",
        "label": "Data source",
        "description": "The Prometheus that scrapes the exporter and has its rules.",
        "type": "datasource",
        "query": "prometheus",
        "current": {"selected": False, "text": "default", "value": "default"},
        "options": [],
        "includeAll": False,
        "multi": False,
        "refresh": 1,
        "regex": "",
        "hide": 0,
        "skipUrlSync": False,
    }


def _annotations(events):
    builtin = {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }
    return {"list": [builtin, *events]}


def event(name, expr, title, color=BLUE):
    """Marks in all charts while an expression has an answer."""
    return {
        "name": name,
        "datasource": DATASOURCE,
        "enable": True,
        "hide": False,
        "iconColor": color,
        "expr": expr,
        "titleFormat": title,
        "step": "60s",
        "useValueForTime": False,
    }


def dashboard(uid, title, description, variables, rows, since="now-24h", events=()):
    """The whole model. It has no `__inputs`: the data source is a variable, so an import and a file work alike."""
    panels, y, number = [], 0, 0
    for part in rows:
        number += 1
        head = {
            "type": "row",
            "id": number,
            "title": part["title"],
            "collapsed": part["collapsed"],
            "gridPos": {"x": 0, "y": y, "w": GRID, "h": 1},
            "panels": [],
        }
        panels.append(head)
        y += 1
        x = height = 0
        for panel in part["panels"]:
            number += 1
            w, h = panel["size"]
            if x + w > GRID:
                x, y, height = 0, y + height, 0
            placed = {"id": number, "gridPos": {"x": x, "y": y, "w": w, "h": h}}
            placed |= {name: value for name, value in panel.items() if name != "size"}
            (head["panels"] if part["collapsed"] else panels).append(placed)
            x, height = x + w, max(height, h)
        y += height
    return {
        "uid": uid,
        "id": None,
        "title": title,
        "description": description,
        "tags": ["serverspace"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": since, "to": "now"},
        "refresh": "1m",
        "timepicker": {},
        "annotations": _annotations(events),
        "links": [
            {
                "type": "dashboards",
                "title": "Serverspace",
                "tags": ["serverspace"],
                "asDropdown": False,
                "includeVars": True,
                "keepTime": True,
                "targetBlank": False,
                "icon": "external link",
                "tooltip": "The other dashboards of this family",
            }
        ],
        "templating": {"list": [_datasource(), *variables]},
        "panels": panels,
    }
