"""Lists of places: every file kind, both encodings, cleaning, merging, village middles, codes left alone."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.coordinates import great_circle_metres
from geodata.errors import PlaceFileError
from geodata.places import LocationSource, clean_places, read_places

ROWS = pd.DataFrame(
    {
        "编号": ["P1", "P2", "P3"],
        "名称": ["王家庄卫生室", "柳㙍小学", "郚埠敬老院"],
        "村": ["王家庄村", "柳㙍村", "郚埠村"],
        "统计代码": ["379900100201", "379900100202", ""],
        "档案村代码": ["379900100107", "", "379900100103"],
        "纬度": ["36.70", "36.71", ""],
        "经度": ["118.90", "118.92", ""],
        "备注": ["甲", "", "丙"],
    }
)


def raw(**columns: list[str]) -> pd.DataFrame:
    """A table as `read_places` gives it, other columns empty."""
    count = len(next(iter(columns.values())))
    empty = {
        name: [""] * count
        for name in ("place_id", "name", "town", "village", "statistics_code", "record_code", "latitude", "longitude")
    }
    return pd.DataFrame({**empty, "place_id": [f"P{row}" for row in range(1, count + 1)], **columns}, dtype=str)


def layer() -> gpd.GeoDataFrame:
    points = shapely.points([118.90, 118.92, 118.94], [36.70, 36.71, 36.72])
    return gpd.GeoDataFrame(ROWS.drop(columns=["纬度", "经度"]), geometry=points, crs=4326)


def write_csv(encoding: str, separator: str = ",") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "places.csv"
        path.write_bytes(ROWS.to_csv(index=False, sep=separator).encode(encoding))
        return path

    return write


def write_excel(folder: Path) -> Path:
    with pd.ExcelWriter(folder / "places.xlsx", engine="openpyxl") as writer:
        ROWS.assign(统计代码=pd.Series([379900100201, 379900100202, None], dtype=object)).to_excel(writer, index=False)
    return folder / "places.xlsx"


@pytest.mark.parametrize(
    "write",
    [
        write_csv("utf-8"),
        write_csv("utf-8-sig"),
        write_csv("gb18030"),
        write_csv("utf-16"),
        write_csv("utf-8-sig", "\t"),
        write_csv("gb18030", ";"),
        write_excel,
    ],
)
def test_tables_of_every_kind_open_alike(write: Callable[[Path], Path], tmp_path: Path) -> None:
    table = read_places(write(tmp_path))
    assert table["name"].tolist() == ["王家庄卫生室", "柳㙍小学", "郚埠敬老院"]
    assert table["statistics_code"].tolist() == ["379900100201", "379900100202", ""]
    assert table["record_code"].tolist() == ["379900100107", "", "379900100103"]
    assert table["latitude"].astype(str).str[:5].tolist() == ["36.70", "36.71", ""]
    assert table["备注"].tolist() == ["甲", "", "丙"]


def test_gbk_without_rare_characters_opens(tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_bytes("编号,名称\nP1,王家庄\n".encode("gbk"))
    assert read_places(tmp_path / "places.csv")["name"].tolist() == ["王家庄"]


def test_layers_of_every_kind_give_the_same_points(tmp_path: Path) -> None:
    layer().to_file(tmp_path / "a.gpkg", driver="GPKG")
    layer().to_file(tmp_path / "a.geojson", driver="GeoJSON")
    layer().to_crs(4549).to_parquet(tmp_path / "a.parquet")
    for kind in ("gpkg", "geojson", "parquet"):
        table = read_places(tmp_path / f"a.{kind}")
        np.testing.assert_allclose(table["latitude"].astype(float), [36.70, 36.71, 36.72], atol=1e-7)
        np.testing.assert_allclose(table["longitude"].astype(float), [118.90, 118.92, 118.94], atol=1e-7)
        assert table["statistics_code"].tolist() == ["379900100201", "379900100202", ""]


def test_an_area_is_placed_at_a_point_inside_it(tmp_path: Path) -> None:
    crescent = shapely.Point(118.9, 36.7).buffer(0.02).difference(shapely.Point(118.91, 36.7).buffer(0.02))
    gpd.GeoDataFrame({"id": ["V1"]}, geometry=[crescent], crs=4326).to_file(tmp_path / "v.gpkg", driver="GPKG")
    table = read_places(tmp_path / "v.gpkg")
    assert crescent.contains(shapely.Point(float(table["longitude"][0]), float(table["latitude"][0])))


def test_a_plain_parquet_table_opens(tmp_path: Path) -> None:
    pd.DataFrame({"id": ["a"], "lat": [36.5], "lon": [118.5]}).to_parquet(tmp_path / "t.parquet")
    assert read_places(tmp_path / "t.parquet")["latitude"].tolist() == ["36.5"]


def test_codes_typed_as_numbers_keep_all_digits(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": [7], "statistics_code": [379900100201.0]}, geometry=shapely.points([118.9], [36.7]), crs=4326
    )
    frame.to_file(tmp_path / "a.geojson", driver="GeoJSON")
    table = read_places(tmp_path / "a.geojson")
    assert table["statistics_code"].tolist() == ["379900100201"]
    assert table["place_id"].tolist() == ["7"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.csv", None, "no such file"),
        ("list.docx", b"x", "unknown kind"),
        ("empty.csv", b"", "cannot be read"),
        ("broken.xlsx", b"this is no workbook", "cannot be read"),
        ("broken.gpkg", b"this is no database", "cannot be read"),
        ("broken.parquet", b"this is no parquet file", "cannot be read"),
        ("broken.geojson", b"{", "cannot be read"),
        ("noise.csv", b"\xff\x00\x81", "cannot be read"),
        ("other.csv", b"a,b\n1,2\n", "no column for id"),
        ("double.csv", b"id,lat,latitude\n1,2,3\n", "several columns mean latitude"),
    ],
)
def test_files_that_are_no_list_of_places_are_refused(
    name: str, content: bytes | None, message: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(PlaceFileError, match=message):
        read_places(tmp_path / name)


def test_given_coordinates_stay_as_they_are_and_are_marked() -> None:
    places = clean_places(raw(latitude=["36.7"], longitude=[" 118.9 "]))
    row = places.table.iloc[0]
    assert (row["latitude"], row["longitude"]) == (36.7, 118.9)
    assert row["location_source"] == LocationSource.GIVEN
    assert places.report.notes == ()


def test_the_tables_given_are_not_changed() -> None:
    table = raw(name=["唐吾 村"], latitude=[""], longitude=[""])
    villages = pd.DataFrame({"name": ["鄌郚村"], "latitude": [36.5], "longitude": [118.8]})
    before, villages_before = table.copy(), villages.copy()
    clean_places(table, villages)
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(villages, villages_before)


def test_substitute_spellings_are_put_right_and_noted() -> None:
    places = clean_places(raw(name=["唐吾镇卫生院"], town=["唐吾镇"]))
    assert places.table["name"].tolist() == ["鄌郚镇卫生院"]
    assert places.table["town"].tolist() == ["鄌郚镇"]
    assert places.report.counts["alias"] == 2
    own = clean_places(raw(name=["刘多"]), aliases={"刘多": "柳㙍"})
    assert own.table["name"].tolist() == ["柳㙍"]


def test_names_lose_blanks_and_full_width_forms() -> None:
    places = clean_places(raw(name=[" 王家 庄(东)\u3000"]))
    assert places.table["name"].tolist() == ["王家庄(东)"]


def test_rows_of_one_id_become_one_and_fill_each_others_gaps() -> None:
    places = clean_places(
        raw(
            place_id=["A", "A", "B"],
            name=["甲", "", "乙"],
            record_code=["", "379900100107", ""],
            latitude=["", "36.7", "36.8"],
            longitude=["", "118.9", "118.9"],
        )
    )
    assert places.table["place_id"].tolist() == ["A", "B"]
    first = places.table.iloc[0]
    assert (first["name"], first["record_code"], first["latitude"]) == ("甲", "379900100107", 36.7)
    assert [(note.code, note.row) for note in places.report.notes] == [("same-id", 2)]
    assert "row 2" in str(places.report.notes[0])


def test_same_name_and_village_within_metres_is_one_place() -> None:
    near, far = 36.7 + 20 / 111_195, 36.7 + 200 / 111_195
    same = {"name": ["小学"] * 3, "village": ["王家庄村"] * 3, "longitude": ["118.9"] * 3}
    places = clean_places(raw(latitude=["36.7", str(near), str(far)], **same))
    assert places.table["place_id"].tolist() == ["P1", "P3"]
    assert places.report.counts == {"same-place": 1}
    other = clean_places(raw(latitude=["36.7", str(near), str(far)], **{**same, "village": ["甲", "乙", "丙"]}))
    assert len(other.table) == 3
    strict = clean_places(raw(latitude=["36.7", str(near), str(far)], **same), near_metres=5)
    assert len(strict.table) == 3


def test_places_without_a_name_are_never_merged() -> None:
    places = clean_places(raw(latitude=["36.7", "36.7"], longitude=["118.9", "118.9"]))
    assert len(places.table) == 2


VILLAGES = pd.DataFrame(
    {
        "name": ["王家庄村", "柳㙍村", "东村", "东村"],
        "town": ["岞埠镇", "岞埠镇", "岞埠镇", "棠郚镇"],
        "statistics_code": ["379900100201", "379900100202", "379900100203", "379900101203"],
        "record_code": ["379900100107", "379900100101", "379900100105", "379900101105"],
        "latitude": [36.70, 36.72, 36.74, 36.90],
        "longitude": [118.90, 118.92, 118.94, 118.99],
    }
)


@pytest.mark.parametrize(
    ("place", "latitude"),
    [
        ({"statistics_code": "379900100202", "village": "王家庄村"}, 36.72),
        ({"record_code": "379900100105"}, 36.74),
        ({"town": "棠郚镇", "village": "东村"}, 36.90),
        ({"village": "王家庄村"}, 36.70),
    ],
)
def test_missing_coordinates_fall_back_to_the_village_middle(place: dict[str, str], latitude: float) -> None:
    """The statistics code counts first, then the record code, then town and village, then the village's name."""
    places = clean_places(raw(**{key: [value] for key, value in place.items()}), VILLAGES)
    assert places.table["latitude"].tolist() == [latitude]
    assert places.table["location_source"].tolist() == [LocationSource.CENTROID]
    assert places.report.counts == {"centroid": 1}


@pytest.mark.parametrize("place", [{"village": "东村"}, {"village": "西村"}, {}])
def test_an_ambiguous_or_unknown_village_leaves_the_place_without_position(place: dict[str, str]) -> None:
    places = clean_places(raw(place_id=["A"], **{key: [value] for key, value in place.items()}), VILLAGES)
    assert places.table["latitude"].isna().all()
    assert places.table["location_source"].tolist() == [LocationSource.MISSING]
    assert places.report.counts == {"unlocated": 1}


def test_without_a_list_of_villages_the_located_neighbours_give_the_middle() -> None:
    same = {"town": ["岞埠镇"] * 4, "village": ["王家庄村"] * 4, "longitude": ["118.9", "118.9", "118.9", ""]}
    places = clean_places(raw(latitude=["36.70", "36.71", "36.75", ""], **same))
    assert places.table["latitude"].tolist() == [36.70, 36.71, 36.75, 36.71]
    assert places.table["location_source"].tolist()[-1] == LocationSource.CENTROID


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        ("abc", "118.9", "bad-number"),
        ("nan", "118.9", "bad-number"),
        ("36.7", "", "half-pair"),
        ("118.9", "36.7", "swapped"),
        ("0", "0", "out-of-range"),
        ("36.7", "218.9", "out-of-range"),
        ("inf", "118.9", "bad-number"),
    ],
)
def test_coordinates_that_cannot_be_are_noted_once_and_count_as_missing(
    latitude: str, longitude: str, code: str
) -> None:
    places = clean_places(raw(latitude=[latitude], longitude=[longitude]))
    assert places.table["latitude"].isna().all()
    assert places.report.counts == {code: 1, "unlocated": 1}
    assert latitude in places.report.notes[0].value


def test_the_two_village_codes_are_never_derived_from_each_other() -> None:
    places = clean_places(
        raw(statistics_code=["379900100201", ""], record_code=["", "379900100107"], place_id=["A", "B"]), VILLAGES
    )
    assert places.table["statistics_code"].tolist() == ["379900100201", ""]
    assert places.table["record_code"].tolist() == ["", "379900100107"]


def test_a_code_of_the_wrong_shape_is_kept_and_noted() -> None:
    places = clean_places(raw(statistics_code=["3.799E+11"], latitude=["36.7"], longitude=["118.9"]))
    assert places.table["statistics_code"].tolist() == ["3.799E+11"]
    assert places.report.counts == {"code-shape": 1}


def test_rows_without_an_id_get_one_from_their_row() -> None:
    places = clean_places(raw(place_id=["A", ""], latitude=["36.7"] * 2, longitude=["118.9"] * 2))
    assert places.table["place_id"].tolist() == ["A", "row-2"]
    assert places.report.counts == {"no-id": 1}


def test_the_report_sums_up_in_both_languages(tmp_path: Path) -> None:
    places = clean_places(read_places(write_csv("gb18030")(tmp_path)))
    text = places.report.summary()
    assert places.report.rows_read == places.report.rows_kept == 3
    assert "3 rows, 3 places" in text
    assert "读入 3 行" in text
    assert "缺少坐标" in text


def test_an_empty_list_stays_empty() -> None:
    places = clean_places(raw(place_id=[]))
    assert len(places.table) == 0
    assert places.report.summary() != ""


def test_the_invented_county_survives_a_round_trip(tmp_path: Path) -> None:
    from geodata.demo_county import demo_county

    county = demo_county(2, people=5_000)
    table = county.villages.rename(columns={"village_id": "id"})
    path = tmp_path / "villages.csv"
    path.write_bytes(table.to_csv(index=False).encode("gb18030"))
    places = clean_places(read_places(path))
    assert places.report.counts == {}
    assert places.table["record_code"].tolist() == county.villages["record_code"].tolist()
    moved = great_circle_metres(
        places.table["latitude"], places.table["longitude"], county.villages["latitude"], county.villages["longitude"]
    )
    assert moved.max() < 0.01
