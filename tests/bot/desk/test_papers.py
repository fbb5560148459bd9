"""Papers at the desk: listed on the case, read and downloaded as they went out, registered, and gathered in one file."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.cli import cli
from intake.models import Event, Paper
from tests.bot.desk.conftest import House
from tests.bot.desk.test_clock_acts import head
from tests.bot.desk.test_handovers import step

NAME, PHONE = "赵栓柱", "13800000001"


def accepted(house: House, name: str) -> tuple[str, int]:
    """A case that was taken up: its number, and the number of its paper in the ledger."""
    number = house.file(name, ago=1).case_number
    assert house.browser("officer").act(number, "accept").status_code == 303
    with house.app.database.reading() as session:
        return number, session.scalars(select(Paper.id).order_by(Paper.id.desc())).first() or 0


def test_a_paper_is_listed_read_and_downloaded(house: House) -> None:
    """On the case page with its number; the page shows what the file holds."""
    number, paper = accepted(house, "庆城县文书一医院")
    officer = house.browser("officer")
    page = officer.get(f"/desk/cases/{number}").text
    assert "受理告知书" in page
    assert re.search(r"庆城医保举受〔\d{4}〕\d+号", page)
    shown = officer.get(f"/desk/papers/{paper}")
    assert shown.status_code == 200
    assert f"举报人（编号{number}）：" in shown.text
    file = officer.get(f"/desk/papers/{paper}/docx")
    assert "attachment" in file.headers["content-disposition"]
    assert number in zipfile.ZipFile(io.BytesIO(file.content)).read("word/document.xml").decode()
    with house.app.database.reading() as session:
        row = session.get_one(Paper, paper)
        event = session.get_one(Event, row.event_id)
    assert hashlib.new("sm3", file.content).hexdigest() == event.data["sm3"]
    assert NAME not in shown.text
    assert PHONE not in shown.text
    assert "制发文书：受理告知书第" in page


def test_strangers_reach_no_paper(house: House) -> None:
    """Another office, whoever has an interest, the supervisor and the administrator: as if there were none."""
    number, paper = accepted(house, "庆城县子虚医院")
    for who in ("stranger", "second", "watcher", "keeper"):
        browser = house.browser(who)
        assert browser.get(f"/desk/papers/{paper}").status_code == 404, who
        assert browser.get(f"/desk/papers/{paper}/docx").status_code == 404, who
        assert browser.act(number, "archive").status_code == 404, who
        assert number not in browser.get("/desk/papers").text, who
    assert house.browser("officer").get("/desk/papers/999999").status_code == 404


def test_the_register_keeps_what_went_out_after_the_case_has_passed_on(house: House) -> None:
    """The office that sent a letter can still print it."""
    number, _ = accepted(house, "庆城县文书三医院")
    officer = house.browser("officer")
    officer.act(number, "offer", authority="西峰区", reason="主要违法行为发生在西峰区。")
    assert step(house.browser("stranger"), number, "take").status_code == 303
    assert officer.get(f"/desk/cases/{number}").status_code == 404
    page = officer.get("/desk/papers").text
    assert "转办函" in page
    (link,) = re.findall(rf"转办函.*?{number}.*?(/desk/papers/\d+/docx)", page, re.DOTALL)[:1]
    text = zipfile.ZipFile(io.BytesIO(officer.get(link).content)).read("word/document.xml").decode()
    assert "庆阳市西峰区医疗保障局" in text
    assert house.browser("stranger").get(link).status_code == 200
    assert house.browser("watcher").get("/desk/papers").status_code == 403
    assert officer.get("/desk/papers", year="2001").text.count("/docx") == 0


def test_a_leader_takes_the_whole_case_as_one_file_without_anybody_in_it(house: House) -> None:
    """Index, papers, history, clocks, evidence and a manifest that fits; name and telephone nowhere; the history tells."""
    number = house.file("庆城县文书四医院", ago=1, files={"赵栓柱拍的.txt": "三楼空床".encode()}).case_number
    officer, leader = house.browser("officer"), house.browser("leader")
    officer.act(number, "accept")
    head(house)
    house.browser("head").act(number, "extend", reason="需要调取结算数据。")
    assert "制作卷宗" not in officer.get(f"/desk/cases/{number}").text
    assert officer.act(number, "archive").status_code == 404
    answer = leader.act(number, "archive")
    assert answer.headers["content-type"] == "application/zip"
    checked(answer.content, number)
    assert "制作卷宗" in leader.get(f"/desk/cases/{number}").text
    with house.app.database.reading() as session:
        event = session.scalars(select(Event).where(Event.kind == "archived").order_by(Event.id.desc())).first()
    assert event is not None
    assert (
        event.data["sm3"]
        == hashlib.new("sm3", zipfile.ZipFile(io.BytesIO(answer.content)).read("清单.json")).hexdigest()
    )


def checked(content: bytes, number: str) -> None:
    """Every file has its digest in the manifest, the papers open in their order, and nothing tells who reported."""
    parts = zipfile.ZipFile(io.BytesIO(content))
    files = {name: parts.read(name) for name in parts.namelist()}
    manifest = json.loads(files.pop("清单.json"))
    assert manifest["case"] == number
    assert manifest["files"].keys() == files.keys()
    for name, told in manifest["files"].items():
        assert told["sm3"] == hashlib.new("sm3", files[name]).hexdigest()
        assert told["sha256"] == hashlib.sha256(files[name]).hexdigest()
    papers = [name for name in files if name.startswith("文书/")]
    assert [name.split(" ")[1] for name in papers] == ["受理告知书", "延期审批表"]
    index = files["卷宗目录.html"].decode()
    assert "线索核查" in index
    assert "需要调取结算数据" in index
    (evidence,) = json.loads(files["证据清单（工作副本）.json"])
    assert len(evidence["sm3"]) == len(evidence["sha256"]) == 64
    inner: dict[str, bytes] = {}
    for name in papers:
        document = zipfile.ZipFile(io.BytesIO(files[name]))
        inner |= {f"{name}/{part}": document.read(part) for part in document.namelist()}
    everything = b"".join([*files.values(), *inner.values(), *(name.encode() for name in files)]).decode(
        "utf-8", "ignore"
    )
    for canary in (NAME, PHONE, "account of", "拍的"):
        assert canary not in everything, canary


def test_the_command_writes_the_same_file(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of the case; nothing is overwritten, and an unknown number leaves nothing behind."""
    number = house.file("庆城县文书五医院", ago=1, files={"照片.txt": b"x"}).case_number
    officer = house.browser("officer")
    officer.act(number, "accept")
    head(house)
    house.browser("head").act(number, "extend", reason="需要调取结算数据。")
    monkeypatch.setenv("JIANTING_DATA_FOLDER", str(house.app.settings.data_folder))
    out = tmp_path / "case.zip"
    done = CliRunner().invoke(cli, ["archive", number, "--out", str(out)])
    assert done.exit_code == 0, done.output
    checked(out.read_bytes(), number)
    assert CliRunner().invoke(cli, ["archive", number, "--out", str(out)]).exit_code == 2
    assert CliRunner().invoke(cli, ["archive", "nothing", "--out", str(tmp_path / "other.zip")]).exit_code == 2
    assert not (tmp_path / "other.zip").exists()
