"""Opening a list of places: CSV, Excel, GeoPackage, GeoParquet, GeoJSON, with Chinese or English headers.

Every cell comes out as text as it stood in the file (codes keep their zeros); geometry becomes latitude and longitude.
"""

from __future__ import annotations

import io
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from geodata.errors import PlaceFileError

COLUMNS = {
    "place_id": ("place_id", "id", "编号", "地点编号", "编码"),
    "name": ("name", "名称", "地点", "地点名称", "地名"),
    "town": ("town", "乡镇", "镇街", "镇", "街道"),
    "village": ("village", "村", "村名", "所在村", "行政村"),
    "statistics_code": ("statistics_code", "统计代码", "统计用区划代码", "统计村代码"),
    "record_code": ("record_code", "档案村代码", "健康档案村代码", "档案代码"),
    "latitude": ("latitude", "lat", "纬度", "y"),
    "longitude": ("longitude", "lon", "lng", "经度", "x"),
}
"""The columns that are understood, and the headers that mean them; other columns are kept as they are."""

_EXCEL = (".xlsx", ".xlsm")
_VECTOR = (".gpkg", ".geojson", ".json")
_PARQUET = (".parquet", ".geoparquet")
_TEXT = (".csv", ".txt", ".tsv")
_SEPARATORS = ",\t;"


def read_places(path: Path, *, sheet: str | int = 0) -> pd.DataFrame:
    """The rows of a list as text, understood columns under their English names; empty cells are "".

    Raises
    ------
    PlaceFileError
        When the file is missing, damaged, of an unknown kind, in no known encoding, or has two columns of one meaning.
    """
    path = Path(path)
    if not path.is_file():
        raise PlaceFileError(f"{path}: 找不到文件 / there is no such file")
    kind = path.suffix.lower()
    readable = (*_TEXT, *_EXCEL, *_VECTOR, *_PARQUET)
    if kind not in readable:
        raise PlaceFileError(f"{path}: 不支持的格式 {kind} / unknown kind; one of {', '.join(readable)}")
    try:
        table = _read(path, kind, sheet)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, sqlite3.Error, pa.ArrowException) as error:
        raise PlaceFileError(f"{path}: 无法读取 / cannot be read ({error})") from error
    except pyogrio.errors.DataSourceError as error:
        raise PlaceFileError(f"{path}: 无法读取 / cannot be read ({error})") from error
    return _understood(_as_text(table), path)


def _read(path: Path, kind: str, sheet: str | int) -> pd.DataFrame:
    if kind in _TEXT:
        return _read_text(path)
    if kind in _EXCEL:
        return pd.read_excel(path, sheet_name=sheet, dtype=str, keep_default_na=False)
    if kind in _VECTOR:
        return _located(gpd.read_file(path))
    if b"geo" in (pa.parquet.read_schema(path).metadata or {}):
        return _located(gpd.read_parquet(path))
    return pd.read_parquet(path)


def _read_text(path: Path) -> pd.DataFrame:
    text = _decoded(path.read_bytes())
    header = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    return pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, skipinitialspace=True)


def _decoded(raw: bytes) -> str:
    """UTF-8 with or without a byte-order mark, UTF-16 with one, else GB 18030 (which includes GBK)."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _located(layer: gpd.GeoDataFrame | pd.DataFrame) -> pd.DataFrame:
    """The layer's attributes with latitude and longitude of a point inside each geometry."""
    if not isinstance(layer, gpd.GeoDataFrame):
        return layer
    if layer.crs is None:
        raise ValueError("没有坐标系 / the layer names no coordinate system")
    shapes = layer.to_crs(4326).geometry.to_numpy()
    inside = shapely.point_on_surface(shapes)
    table = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    for column in [*COLUMNS["latitude"], *COLUMNS["longitude"]]:
        table = table.drop(columns=column, errors="ignore")
    return table.assign(latitude=shapely.get_y(inside), longitude=shapely.get_x(inside))


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({str(column): [_cell(value) for value in table[column]] for column in table.columns}, dtype=str)


def _cell(value: object) -> str:
    """A cell as text: whole numbers without a decimal point, nothing for missing."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        if value != value:
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))
    return str(value).strip()


def _understood(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Known headers under their English names, all known columns present."""
    meaning = {header: column for column, headers in COLUMNS.items() for header in headers}
    headers = [str(column) for column in table.columns]
    renamed = {header: meaning[header.strip().lower()] for header in headers if header.strip().lower() in meaning}
    for column in COLUMNS:
        having = [header for header, name in renamed.items() if name == column]
        if len(having) > 1:
            raise PlaceFileError(f"{path}: 多列含义相同 / several columns mean {column}: {', '.join(having)}")
    table = table.rename(columns=renamed)
    if not set(renamed.values()) & {"place_id", "name", "village"}:
        raise PlaceFileError(
            f"{path}: 没有编号、名称或村这样的列 / no column for id, name or village; "
            f"expected for example {', '.join(COLUMNS['place_id'][:3])}; found {', '.join(headers)}"
        )
    for column in COLUMNS:
        if column not in table:
            table[column] = ""
    others = [column for column in table if column not in COLUMNS]
    return table[[*COLUMNS, *others]].astype(str)
