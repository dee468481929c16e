"""Reads the dashboards as Grafana would: panels in and out of rows, queries, variables put in."""

import json
import pathlib
import re

GRAFANA = pathlib.Path(__file__).resolve().parents[2] / "grafana"


def boards():
    """`{file name: model}`."""
    found = {path.name: json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))}
    assert len(found) == 5, found.keys()
    return found


def panels(board):
    """All panels, rows and what is in them."""
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", ())


def charts(board):
    return [panel for panel in panels(board) if panel["type"] != "row"]


def filled(expression, **variables):
    """An expression with its variables put in; every one must be known."""

    def value(match):
        return variables[match.group(1) or match.group(2)]

    # `$1` belongs to label_replace.
    return re.sub(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", value, expression)
