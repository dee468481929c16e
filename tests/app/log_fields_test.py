#!/usr/bin/env python3
"""Fails where a log line has a field that the operations guide does not explain.

log_fields_test.py ROOT
"""

import pathlib
import re
import sys

CALL = re.compile(r"\blog_?(?:->|\.)(?:Debug|Info|Warn|Error|Log)\(.*?\);|initializer_list<LogField> \w+ = \{.*?\};", re.S)
FIELD = re.compile(r'\{"(\w+)",')
SECTION = re.compile(r"^## Read the errors\n(.*?)(?=^## |\Z)", re.M | re.S)


def fields_of(text):
    return {field for call in CALL.findall(text) for field in FIELD.findall(call)}


def check_itself():
    assert fields_of('log.Warn("x", {{"a", f()},\n  {"b", 1}});') == {"a", "b"}
    assert fields_of('const std::initializer_list<LogField> fields = {\n {"c", 1}};') == {"c"}
    assert fields_of('out.Add(kX, {"d", 1});') == set()


def main(root):
    check_itself()
    root = pathlib.Path(root)
    explained = SECTION.search((root / "docs" / "operations.md").read_text())[1]
    fields = {}
    for source in sorted((root / "src").rglob("*.cc")):
        for field in fields_of(source.read_text()):
            fields.setdefault(field, source.relative_to(root))
    assert len(fields) > 10, f"only {sorted(fields)} were found: has the way to log changed?"
    missing = [f"{source}: the field {field} is not in docs/operations.md, Read the errors"
               for field, source in fields.items() if f"`{field}`" not in explained]  # fmt: skip
    for line in missing:
        print(line)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
