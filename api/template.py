"""Empty tables for a township to fill in: one workbook with lists to choose from, or CSV files with a help file."""

import io
from pathlib import Path
from typing import Any

import xlsxwriter

from api.files import write_bytes
from optimizer.tables.columns import NEEDED, SHEETS, Column, all_columns
from optimizer.tables.settings import all_settings
from optimizer.tables.words import list_words, words_of
from optimizer.tables.writing import csv_text

ROWS_WITH_LISTS = 5000
INTRODUCTION = (
    "每张表一行一条记录；蓝底表头为必填列。半天写作：周一上午、周三、周一至周五上午、2026-11-25下午、每天、无。",
    "One row per record; headers on blue have to be filled in. Half-days: Mon AM, Wed, Mon-Fri AM, 2026-11-25 PM, all, "
    "none.",
    "姓名、电话、地址只用于打印，不参与计算；不要填写身份证号。",
    "Names, phones and addresses are only printed, never calculated with; never enter identity numbers.",
)


def write_template(target: Path, language: str, *, overwrite: bool) -> list[Path]:
    """Write the template; raises FileExistsError rather than overwrite somebody's data."""
    if target.suffix.lower() == ".xlsx":
        files = {target: workbook_template(language)}
    else:
        files = {target / f"{sheet}.csv": csv_text(sheet, (), language).encode("utf-8-sig") for sheet in SHEETS}
        files[target / "settings.csv"] = csv_text("settings", _default_settings(), language).encode("utf-8-sig")
        files[target / "README.txt"] = help_text().encode("utf-8-sig")
    there = [file for file in files if file.exists()]
    if there and not overwrite:
        raise FileExistsError(f"文件已存在，加 --force 覆盖 / already there, --force overwrites: {there[0]}")
    for file, content in files.items():
        write_bytes(file, content)
    return list(files)


def _default_settings() -> list[dict[str, str]]:
    return [{"key": s.key, "value": s.default, "note": s.explain_zh or s.explain_en} for s in all_settings().values()]


def help_text() -> str:
    """The explanations of every column as plain text."""
    lines = [*INTRODUCTION, ""]
    for sheet, zh in SHEETS.items():
        needed = "必需 needed" if sheet in NEEDED else "可缺 may be absent"
        lines.append(f"== {sheet}.csv  {zh}  ({needed})")
        for column in all_columns()[sheet]:
            mark = "*" if column.required else " "
            example = f"  例 e.g. {column.example}" if column.example else ""
            lines.append(f" {mark} {column.zh} / {column.en}: {column.explain_zh} / {column.explain_en}{example}")
            if column.choices and column.choices != "settings":
                lines.append(f"     可填 one of: {'、'.join(list_words(column.choices))}")
        lines.append("")
    lines.append("== 设置项 settings")
    lines += [f"   {s.zh} / {s.key} = {s.default}  {s.explain_zh} / {s.explain_en}" for s in all_settings().values()]
    return "\r\n".join(lines) + "\r\n"


def workbook_template(language: str) -> bytes:
    """The workbook: a help sheet, one sheet per table with lists to choose from, and the sheet of those lists."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    styles = {
        "needed": book.add_format({"bold": True, "bg_color": "#9DC3E6", "border": 1, "text_wrap": True}),
        "free": book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1, "text_wrap": True}),
        "text": book.add_format({"num_format": "@"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "head": book.add_format({"bold": True, "font_size": 14}),
    }
    _help_sheet(book, styles)
    lists = _Lists()
    for sheet, zh in SHEETS.items():
        page = book.add_worksheet(zh if language == "zh" else sheet)
        _table_sheet(page, all_columns()[sheet], language, styles, lists)
        if sheet == "settings":
            _settings_rows(page, language)
    lists.write(book.add_worksheet("词表"))
    book.close()
    return content.getvalue()


class _Lists:
    """The lists to choose from, one per column of the last sheet."""

    def __init__(self) -> None:
        self.columns: dict[str, int] = {}

    def source(self, choices: str) -> str:
        """The range of a list for a data validation."""
        number = self.columns.setdefault(choices, len(self.columns))
        letter = chr(ord("A") + number)
        return f"=词表!${letter}$2:${letter}${len(_words(choices)) + 1}"

    def write(self, page: Any) -> None:
        """Write all lists."""
        for choices, number in self.columns.items():
            page.write_column(0, number, [choices, *_words(choices)])


def _words(choices: str) -> list[str]:
    if choices == "settings":
        return [setting.zh for setting in all_settings().values()]
    return [names[0] for names in words_of(choices).values()]


def _table_sheet(page: Any, columns: tuple[Column, ...], language: str, styles: dict[str, Any], lists: _Lists) -> None:
    page.freeze_panes(1, 1)
    for number, column in enumerate(columns):
        page.set_column(number, number, max(10, 2 * len(column.zh) + 4), styles["text"])
        page.write_string(0, number, column.header(language), styles["needed" if column.required else "free"])
        page.write_comment(0, number, f"{column.explain_zh}\n{column.explain_en}\n{column.example}".strip())
        if column.choices and column.key not in {"drives", "channels"}:
            rule = {"validate": "list", "source": lists.source(column.choices), "error_type": "warning"}
            page.data_validation(1, number, ROWS_WITH_LISTS, number, rule)
    page.set_row(0, 32)


def _settings_rows(page: Any, language: str) -> None:
    for row, setting in enumerate(all_settings().values(), start=1):
        name = setting.zh if language == "zh" else setting.key
        note = setting.explain_zh or setting.explain_en
        for column, text in enumerate((name, setting.default, note if language == "zh" else setting.explain_en)):
            page.write_string(row, column, text)
    page.set_column(0, 0, 26)
    page.set_column(2, 2, 60)


def _help_sheet(book: Any, styles: dict[str, Any]) -> None:
    page = book.add_worksheet("说明")
    page.set_column(0, 0, 12)
    page.set_column(1, 2, 20)
    page.set_column(3, 4, 52, styles["wrap"])
    page.set_column(5, 5, 28, styles["wrap"])
    page.write_string(0, 0, "填表说明 How to fill in these sheets", styles["head"])
    for row, line in enumerate(INTRODUCTION, start=1):
        page.write_string(row, 0, line)
    row = len(INTRODUCTION) + 2
    for number, title in enumerate(("表 sheet", "列 column", "英文 English", "说明", "explanation", "例 example")):
        page.write_string(row, number, title, styles["free"])
    for sheet, zh in SHEETS.items():
        for column in all_columns()[sheet]:
            row += 1
            mark = " *" if column.required else ""
            texts = (zh, column.zh + mark, column.en, column.explain_zh, column.explain_en, column.example)
            for number, text in enumerate(texts):
                page.write_string(row, number, text)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
