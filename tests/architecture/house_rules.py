"""The house rules that need the syntax tree: each rule is a function from a file to the lines that break it."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
PACKAGES = ("zestech_aftersales", "sellers", "cases", "complaints")
CHANNELS = tuple(f"zestech_aftersales/{name}/" for name in ("portal", "dashboard", "pages", "api", "mailbox"))

Finder = Callable[["Source"], Iterator[ast.AST]]


@dataclass(frozen=True)
class Source:
    """A file of the product: its path below the root and its syntax tree."""

    path: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, text: str) -> "Source":
        return cls(path, ast.parse(text))

    @property
    def is_channel(self) -> bool:
        return self.path.startswith(CHANNELS)

    @property
    def reads_the_clock(self) -> bool:
        """Whether this is one of the doors at which a command's instant is read."""
        path = PurePosixPath(self.path)
        return bool(
            self.is_channel
            or path.name in {"tasks.py", "views.py", "middleware.py", "admin.py", "health.py"}
            or {"admin", "commands"} & set(path.parts)
        )

    def calls(self) -> Iterator[ast.Call]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node


def product() -> list[Source]:
    """Return every file of the product but migrations, which freeze what once was."""
    return [
        Source.of(path.relative_to(ROOT).as_posix(), path.read_text())
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def dotted(node: ast.AST) -> str:
    """Return "a.b.c" for a name or attribute, "" for anything else; "?" stands for what is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value) or '?'}.{node.attr}"
    return ""


def is_number(node: ast.AST) -> bool:
    """Tell whether the node is a literal number, or arithmetic of such; 0 and 1 are an origin and a unit."""
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    return isinstance(node, ast.Constant) and type(node.value) in {int, float} and node.value not in {0, 1}


FOREIGN_CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "timezone.localdate",
    "time.time", "time.time_ns", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
    "functions.Now",
}  # fmt: skip


def foreign_clock(source: Source) -> Iterator[ast.AST]:
    """Any clock but ours; `auto_now` fields read one, too."""
    if source.path == "zestech_aftersales/clock.py":
        return
    for node in ast.walk(source.tree):
        if (isinstance(node, ast.Attribute) and dotted(node) in FOREIGN_CLOCKS) or (
            isinstance(node, ast.Name) and node.id == "Now"
        ):
            yield node
        elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            yield node.value
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (node for name in node.names if name.name in {"time", "time_ns"})


def clock_read_inside(source: Source) -> Iterator[ast.AST]:
    """Our clock, read anywhere but in a channel, a task or a command: below, the instant is passed down."""
    if source.reads_the_clock or source.path == "zestech_aftersales/clock.py":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and dotted(node) == "clock.now":
            yield node
        elif isinstance(node, ast.ImportFrom) and node.module == "zestech_aftersales.clock":
            yield from (node for name in node.names if name.name == "now")


# path -> why it may write a state.
STATE_WRITERS = {
    "zestech_aftersales/timeline/models/delivery.py": "settles mails by one guarded statement; a mail is no machine",
    "sellers/actions/verdicts.py": "a term's verdict is a part of its commitment's record, not a machine",
}


def _transitions(tree: ast.Module) -> set[ast.AST]:
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(decorator, ast.Call) and dotted(decorator.func).endswith("transition")
            for decorator in node.decorator_list
        ):
            inside.update(ast.walk(node))
    return inside


def state_written(source: Source) -> Iterator[ast.AST]:
    """A state written past its machine: an assignment, `setattr`, `update` or `bulk_update`."""
    if source.path in STATE_WRITERS:
        return
    inside = _transitions(source.tree)
    for node in ast.walk(source.tree):
        if node in inside:
            continue
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (t for t in targets if isinstance(t, ast.Attribute) and t.attr == "state")
        elif isinstance(node, ast.Call):
            name = dotted(node.func).rpartition(".")[2]
            words = [a for arg in node.args for a in ast.walk(arg) if isinstance(a, ast.Constant)]
            if (name in {"update", "aupdate"} and any(k.arg == "state" for k in node.keywords)) or (
                name in {"setattr", "bulk_update"} and any(w.value == "state" for w in words)
            ):
                yield node


def query_in_channel(source: Source) -> Iterator[ast.AST]:
    """`.objects` in a channel: fetching is authorising, so channels read through queries."""
    if not source.is_channel:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}:
            yield node


# Operations of the platform (a session's length, a token's life) are settings, not law.
NUMBERS_ALLOWED = ("zestech_aftersales/rulebook/", "zestech_aftersales/settings.py")
SHORT = {"seconds", "milliseconds", "microseconds"}


def rule_number(source: Source) -> Iterator[ast.AST]:
    """A period written as a number: `timedelta(hours=48)`, `days_limit(start, 14, ...)`."""
    if source.path.startswith(NUMBERS_ALLOWED):
        return
    for call in source.calls():
        name = dotted(call.func).rpartition(".")[2]
        if name == "timedelta":
            lengths = [*call.args[:1], *(k.value for k in call.keywords if k.arg not in SHORT)]
            if any(is_number(length) for length in lengths):
                yield call
        elif name in {"hours_limit", "days_limit", "years_limit"} and any(is_number(arg) for arg in call.args[1:2]):
            yield call


# The database guards are remade after a table was rebuilt; Celery's logging hook has no other door.
RECEIVERS_ALLOWED = {"post_migrate", "setup_logging"}


def signal_receiver(source: Source) -> Iterator[ast.AST]:
    """A signal as control flow."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[-1] in {"signals", "dispatch"}:
            yield from (node for name in node.names if name.name not in RECEIVERS_ALLOWED)


def refreshed(source: Source) -> Iterator[ast.AST]:
    """`refresh_from_db`: on a machine it switches the protection of its state off, for the whole class."""
    for call in source.calls():
        if dotted(call.func).endswith(".refresh_from_db"):
            yield call


RULES: dict[str, Finder] = {
    finder.__name__: finder
    for finder in (
        foreign_clock,
        clock_read_inside,
        state_written,
        query_in_channel,
        rule_number,
        signal_receiver,
        refreshed,
    )
}


def broken(rule: str, sources: list[Source]) -> list[str]:
    """Return "path:line" for each place that breaks the rule."""
    return [f"{source.path}:{getattr(node, 'lineno', 0)}" for source in sources for node in RULES[rule](source)]
