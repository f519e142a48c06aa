"""xunzhen template: empty tables with explanations, as a workbook or as CSV files."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, say_json


def template(
    target: Annotated[Path, typer.Argument(metavar="DIR|FILE.xlsx", help="文件夹或 .xlsx / a folder or an .xlsx file")],
    language: Annotated[str, typer.Option(help="表头语言 zh 或 en / language of the headers: zh or en")] = "zh",
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite files that are there")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")] = False,
) -> int:
    """写出空白模板 / Write empty tables with explanations and, in a workbook, lists to choose from."""
    from api.template import write_template  # here, because --help should not wait for it

    if language not in {"zh", "en"}:
        raise ValueError(f"--language 只能是 zh 或 en / --language is zh or en, found {language}")
    files = write_template(target, language, overwrite=force)
    if as_json:
        say_json([str(file) for file in files])
    else:
        out().print("已写出 written: " + "  ".join(str(file) for file in files), markup=False)
    return 0
