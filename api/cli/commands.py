"""The commands put together, and the one place where errors become exit codes.

0 done, 1 the plan is not feasible, 2 the input is wrong, 130 cancelled (the best plan so far is written).
"""

import functools
import sys
from collections.abc import Callable, Sequence

import typer

from api.cli import (
    bounding,
    checking,
    circle,
    contract_simulator,
    demo,
    keeping,
    people,
    plan_all,
    planning,
    serving,
    solving,
    template,
    worker,
)
from api.cli.console import report, report_interrupt, report_usage

BAD_INPUT, CANCELLED = 2, 130
COMMANDS: dict[str, Callable[..., int]] = {
    "demo": demo.demo,
    "template": template.template,
    "plan": planning.plan,
    "solve": solving.solve_file,
    "check": checking.check_files,
    "bound": bounding.bound_files,
    "serve": serving.serve,
    "worker": worker.worker,
    "plan-all": plan_all.plan_all,
    "demo-service": circle.demo_service,
    "contract-simulator": contract_simulator.contract_simulator,
    "backup": keeping.backup,
    "restore": keeping.restore,
}
GROUPS: dict[str, tuple[str, dict[str, Callable[..., int]]]] = {
    "organisation": ("机构 / Organisations.", {"add": people.add_organisation}),
    "account": ("账户 / Accounts of people.", {"add": people.add_account}),
    "key": ("接口密钥 / API keys of systems.", {"add": people.add_key}),
    "audit": ("审计 / The audit log.", {"verify": keeping.verify_audit}),
    "keys": ("字段密钥 / Keys of encrypted fields.", {"renew": keeping.renew_keys}),
}
"""Commands of two words: the first with its help, and the second words."""


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
    for name, (words, commands) in GROUPS.items():
        group = typer.Typer(help=words, no_args_is_help=True)
        group.callback()(_nothing)  # else a group of one command would be that command
        for second, command in commands.items():
            group.command(second)(_exiting(command))
        app.add_typer(group, name=name)
    return app


def _nothing() -> None:
    """What a group does by itself."""


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
            report_usage(_command_of(words), as_json=as_json)
        return code
    except _expected() as error:
        report(error, as_json=as_json)
        return BAD_INPUT
    except KeyboardInterrupt:
        return CANCELLED
    return 0


def _command_of(words: Sequence[str]) -> list[str]:
    """The words that name a command of ours, as far as they do."""
    if words[0] in GROUPS:
        return [words[0], *(word for word in words[1:2] if word in GROUPS[words[0]][1])]
    return [word for word in words[:1] if word in COMMANDS]


def _expected() -> tuple[type[Exception], ...]:
    """The errors that are told in words; looked up only once there is an error, for loading geodata takes a second."""
    from geodata import GeodataError
    from optimizer.errors import OptimizerError

    kinds: tuple[type[Exception], ...] = (OptimizerError, GeodataError, OSError, ValueError)
    if "api.store.database" in sys.modules:  # else no store was opened
        from sqlalchemy.exc import SQLAlchemyError

        from api.access.errors import AccessError
        from api.store.backup import BackupError
        from api.store.crypto import CryptoError

        kinds += (AccessError, BackupError, CryptoError, SQLAlchemyError)
    return kinds
