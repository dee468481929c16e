"""Which metrics and labels a PromQL expression names. Enough of the grammar for rules and dashboards, no more."""

import re

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
    |(?P<number>(?:\d[\w.]*|\.\d\w*)|\[[^\]]*\])  # and a range
    |(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
    |(?P<symbol>=~|!~|!=|==|<=|>=|[-+*/%^(){},=<>@])
    |(?P<variable>\$\{?\w+(?::\w+)?\}?)""",
    re.VERBOSE,
)
GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end"}


def tokens(expression):
    position = 0
    while position < len(expression):
        match = TOKEN.match(expression, position)
        if not match:
            raise ValueError(f"not PromQL at {expression[position:position + 20]!r}")
        position = match.end()
        if match.lastgroup != "space":
            yield match.lastgroup, match.group()


def names(expression):
    """`(selectors, labels)`: `[(metric, labels of its matchers)]`, and the labels of all grouping and matching clauses.

    The metric of `{__name__=~"a(1|2)"}` is that pattern.
    """
    found = list(tokens(expression)) + [("end", "")] * 2
    selectors, labels = [], set()
    at = 0

    def matchers(position):
        """Of the braces that open at `position`: where they end, and each matcher."""
        result = []
        while found[position][1] != "}":
            position += 1
            if found[position][0] == "name":
                result.append((found[position][1], found[position + 2][1][1:-1]))
                position += 2
        return position + 1, result

    while found[at][0] != "end":
        kind, text = found[at]
        following = found[at + 1][1]
        if kind == "name" and text.lower() in GROUPING and following == "(":
            at += 2
            while found[at][1] != ")":
                if found[at][0] == "name":
                    labels.add(found[at][1])
                at += 1
        elif kind == "name" and text.lower() in GROUPING | WORDS:
            at += 1
        elif kind == "name" and (following == "(" or following.lower() in ("by", "without") and found[at + 2][1] == "("):
            # A function or an aggregation.
            at += 1
        elif kind == "name":
            at += 1
            inside = []
            if following == "{":
                at, inside = matchers(at)
            selectors.append((text, {name for name, _ in inside}))
        elif text == "{":
            at, inside = matchers(at)
            metric = next((value for name, value in inside if name == "__name__"), ".*")
            selectors.append((metric, {name for name, _ in inside} - {"__name__"}))
        else:
            at += 1
    return selectors, labels
