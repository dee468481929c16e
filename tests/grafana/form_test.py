#!/usr/bin/env python3
"""The form of the dashboards: complete, tidy, fresh, and importable as they are."""

import re
import subprocess
import sys

from boards import GRAFANA, boards, charts, panels

BUILT_IN = {"__rate_interval", "__range", "__interval", "__all", "__url_time_range", "__value", "__data"}
# Of Grafana and of labels of a legend.
KINDS = {"row", "stat", "timeseries", "table", "bargauge", "state-timeline"}


def strings(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def check_places(name, found):
    taken = {}
    for panel in found:
        place = panel["gridPos"]
        assert 0 <= place["x"] and place["x"] + place["w"] <= 24 and place["w"] > 0 and place["h"] > 0, (name, panel["title"])
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["title"])
                assert other == panel["title"], f"{name}: {panel['title']} lies on {other}"


def check_panel(where, panel):
    defaults = panel["fieldConfig"]["defaults"]
    assert len(panel["description"]) > 20 and panel["description"].endswith((".", ":")), f"{where}: a description"
    assert defaults["unit"] and defaults["noValue"], f"{where}: a unit, and words for no data"
    first, *further = defaults["thresholds"]["steps"]
    assert first["value"] is None and all(step["value"] is not None for step in further), where
    values = [step["value"] for step in further]
    assert values == sorted(values), f"{where}: thresholds rise"
    refs = [target["refId"] for target in panel["targets"]]
    assert refs and len(refs) == len(set(refs)), f"{where}: {refs}"
    for target in panel["targets"]:
        assert target["expr"].strip() and target["datasource"] == panel["datasource"], where
        assert target["instant"] != target["range"], where
        assert (target["format"] == "table") == (panel["type"] == "table"), where
    sort = {by["displayName"] for by in panel["options"].get("sortBy", ())}
    headings = set()
    for transformation in panel["transformations"]:
        headings |= set(transformation["options"].get("renameByName", {}).values())
    assert sort <= headings, f"{where}: sorted by {sort}"
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["id"] == "byName":
            assert override["matcher"]["options"] in headings, f"{where}: {override['matcher']}"
    fields = set(re.findall(r"__data\.fields\.(\w+)", "\n".join(strings(panel))))
    assert fields <= headings, f"{where}: a link needs {fields - headings}"


def check_board(name, board, known):
    assert board["id"] is None and board["uid"] and f"{board['uid']}.json" == name
    assert "__inputs" not in board and "__requires" not in board, f"{name}: an export for sharing cannot be provisioned"
    assert board["tags"] == ["serverspace"] and board["description"] and board["title"].startswith("Serverspace / ")
    variables = [variable["name"] for variable in board["templating"]["list"]]
    assert variables[:2] == ["datasource", "project"] and len(set(variables)) == len(variables), variables
    ids = [panel["id"] for panel in panels(board)]
    assert len(ids) == len(set(ids)), f"{name}: ids {ids}"
    titles = [panel["title"] for panel in charts(board)]
    assert len(titles) == len(set(titles)), f"{name}: a title twice: {sorted(titles)}"
    # What is in a closed row lies below it and pushes nothing away.
    check_places(name, board["panels"])
    for row in board["panels"]:
        check_places(name, row.get("panels", ()))
        assert row["type"] != "row" or row["collapsed"] == bool(row["panels"]), (name, row["title"])
    for panel in panels(board):
        assert panel["type"] in KINDS, panel["type"]
    for panel in charts(board):
        check_panel(f"{name}: {panel['title']}", panel)
    text = "\n".join(strings(board))
    used = set(re.findall(r"\$\{?([A-Za-z_]\w*)", text)) - BUILT_IN
    assert used <= set(variables), f"{name}: unknown variables {used - set(variables)}"
    for link in re.findall(r"^/d/.*$", text, re.M):
        target = known[re.match(r"/d/([\w-]+)\?", link).group(1)]
        given = set(re.findall(r"var-(\w+)=", link))
        has = {variable["name"] for variable in target["templating"]["list"]}
        assert given <= has, f"{name}: {target['title']} has no {given - has}"
    sources = {str(panel.get("datasource")) for panel in charts(board)}
    assert sources == {"{'type': 'prometheus', 'uid': '${datasource}'}"}, sources


def main():
    all_boards = boards()
    known = {board["uid"]: board for board in all_boards.values()}
    assert len(known) == len(all_boards), "a uid twice"
    for name, board in all_boards.items():
        check_board(name, board, known)
    # Wrong ones are found.
    board = next(iter(all_boards.values()))
    first, second = charts(board)[:2]
    second["gridPos"] = first["gridPos"]
    try:
        check_places("broken", board["panels"])
    except AssertionError:
        pass
    else:
        raise AssertionError("an overlap was not found")
    subprocess.run([sys.executable, GRAFANA / "generator", "--check"], check=True)
    return sum(len(charts(board)) for board in all_boards.values())


if __name__ == "__main__":
    print(f"{main()} panels are as they should be")
