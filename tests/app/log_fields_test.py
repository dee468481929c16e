#!/usr/bin/env python3
"""Fails where a log line has a field, or a warning or an error a message, that the operations guide does not explain.

log_fields_test.py ROOT
"""

import pathlib
import re
import sys

CALL = re.compile(r"\blog_?(?:->|\.)(?:Debug|Info|Warn|Error|Log)\(.*?\);|initializer_list<LogField> \w+ = \{.*?\};", re.S)
FIELD = re.compile(r'\{"(\w+)",')
# Each is a call with the text of the message, or of several between which it chooses.
WARNING = re.compile(
    r"\blog_?(?:->|\.)(?:Warn|Error)\((.*?)(?:\{\{|\);)|\blog_?(?:->|\.)Log\((.*?)(?:\{\{|\);)"
    r"|\bFail\(\s*log,(.*?)\);|FormatLogLine\([^;]*?LogLevel::k(?:Warn|Error),(.*?)(?:\{\{|\);)", re.S)
LITERALS = re.compile(r'(?:"(?:[^"\\]|\\.)*"\s*)+')
SECTION = re.compile(r"^## Read the errors\n(.*?)(?=^## |\Z)", re.M | re.S)


def fields_of(text):
    return {field for call in CALL.findall(text) for field in FIELD.findall(call)}


def messages_of(text):
    """The messages of lines at the levels at which somebody has to act."""
    return {
        "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
        for call in WARNING.finditer(text)
        for literals in LITERALS.findall("".join(group or "" for group in call.groups()))
    }


def check_itself():
    assert messages_of('log.Warn("x " "y", {{"a", f()}}); log.Info("z"); log_.Error("; v");') == {"x y", "; v"}
    assert messages_of('log_.Log(a ? LogLevel::kWarn : LogLevel::kDebug, "u", {{"b", 1}});') == {"u"}
    assert messages_of('return Fail(log, "t", e.error(), kFailed);') == {"t"}
    assert fields_of('log.Warn("x", {{"a", f()},\n  {"b", 1}});') == {"a", "b"}
    assert fields_of('const std::initializer_list<LogField> fields = {\n {"c", 1}};') == {"c"}
    assert fields_of('out.Add(kX, {"d", 1});') == set()


def main(root):
    check_itself()
    root = pathlib.Path(root)
    guide = (root / "docs" / "operations.md").read_text()
    explained = SECTION.search(guide)[1]
    messages = {}
    fields = {}
    for source in sorted((root / "src").rglob("*.cc")):
        for field in fields_of(source.read_text()):
            fields.setdefault(field, source.relative_to(root))
        for message in messages_of(source.read_text()):
            messages.setdefault(message, source.relative_to(root))
    assert len(fields) > 10, f"only {sorted(fields)} were found: has the way to log changed?"
    missing = [f"{source}: the field {field} is not in docs/operations.md, Read the errors"
               for field, source in fields.items() if f"`{field}`" not in explained]  # fmt: skip
    assert len(messages) > 15, f"only {sorted(messages)} were found: has the way to log changed?"
    missing += [f'{source}: the message "{message}" is not in docs/operations.md, Read the errors'
                for message, source in messages.items() if f'"{message}"' not in explained]  # fmt: skip
    for line in missing:
        print(line)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
