"""The commands put together, and the one place where errors become exit codes.

0 done, 1 the plan is not feasible, 2 the input is wrong, 130 cancelled (the best plan so far is written).
"""

import functools
import sys
from collections.abc import Callable, Sequence

import typer

from api.cli import checking, demo, planning, solving, template
from api.cli.console import report, report_interrupt, report_usage

BAD_INPUT, CANCELLED = 2, 130
COMMANDS: dict[str, Callable[..., int]] = {
    "demo": demo.demo,
    "template": template.template,
    "plan": planning.plan,
    "solve": solving.solve_file,
    "check": checking.check_files,
}


def make_app() -> typer.Typer:
    """The command line with all commands."""
    app = typer.Typer(
        name="xunzhen",
        help="巡诊 Xunzhen: plans the week of family-doctor teams: home visits, patrol sessions, phone calls.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name, command in COMMANDS.items():
        app.command(name)(_exiting(command))
    return app


def _exiting(command: Callable[..., int]) -> Callable[..., None]:
    """The command with its number as the program's exit code."""

    @functools.wraps(command)
    def exiting(*args: object, **options: object) -> None:
        try:
            code = command(*args, **options)
        except KeyboardInterrupt:
            report_interrupt(as_json=options.get("as_json") is True)
            raise typer.Exit(CANCELLED) from None
        raise typer.Exit(code)

    return exiting


app = make_app()  # a table of the commands; building it reads and loads nothing


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave the program with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; every error of ours becomes a short message and an exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    try:
        app(words)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
        if code == BAD_INPUT and words:  # only typer itself ends so: the words make no command
            report_usage([word for word in words[:1] if word in COMMANDS], as_json=as_json)
        return code
    except _expected() as error:
        report(error, as_json=as_json)
        return BAD_INPUT
    except KeyboardInterrupt:
        return CANCELLED
    return 0


def _expected() -> tuple[type[Exception], ...]:
    """The errors that are told in words; looked up only once there is an error, for loading geodata takes a second."""
    from geodata import GeodataError
    from optimizer.errors import OptimizerError

    return OptimizerError, GeodataError, OSError, ValueError
