"""What officers get of a file, and its record of custody on the case page."""

from __future__ import annotations

import hashlib
import re

from sqlalchemy import select

from intake.models import Event
from tests.bot.desk.conftest import House
from tests.intake.sanitise import corpus
from tests.intake.sanitise.search import found

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000) + "WordDocument".encode("utf-16-le")


def links(page: str) -> list[str]:
    """The addresses under which files are downloaded."""
    return re.findall(r'href="(/desk/cases/[^"?]+/evidence/[^"?]+)"', page)


def events(house: House, kind: str, content: bytes) -> list[Event]:
    """All events of a kind about a content."""
    digest = hashlib.sha256(content).hexdigest()
    with house.app.database.reading() as session:
        return [one for one in session.scalars(select(Event).where(Event.kind == kind)) if one.data["digest"] == digest]


def test_an_officer_downloads_the_copy_and_never_the_original(house: House) -> None:
    """Nobody who is planted in the photo leaves the house, and the name is the house's own."""
    photo = corpus.jpeg(behind=b"1")
    number = house.file("庆城县青松岭卫生院", files={"王小明拍的.jpg": photo}).case_number
    officer = house.browser("officer")
    page = officer.get(f"/desk/cases/{number}").text
    assert "王小明" not in page

    answer = officer.get(links(page)[0])
    assert answer.status_code == 200
    assert found(photo, corpus.WORDS) == set(corpus.WORDS)
    assert found(answer.content, corpus.WORDS) == set()
    assert answer.headers["content-length"] == str(len(answer.content))
    digest = hashlib.sha256(photo).hexdigest()
    assert answer.headers["content-disposition"] == f'attachment; filename="{number}-{digest[:8]}.jpg"'
    assert house.app.evidence.read(digest) == photo


def test_the_record_of_custody_is_whole_and_in_order(house: House) -> None:
    """Received with both digests, cleaned with what was taken out, attached, looked at by whom."""
    photo = corpus.jpeg(behind=b"2")
    number = house.file("白马铺乡卫生院", files={"a.jpg": photo}).case_number
    officer = house.browser("officer")
    address = f"/desk/cases/{number}"
    copy = officer.get(links(officer.get(address).text)[0]).content
    page = officer.get(address).text
    record = page[page.index("证据保管记录") : page.index('id="h-history"')]
    words = ["收到，原件密封", "制作工作副本", "作为材料附卷", "查看或下载工作副本"]
    assert [record.index(word) for word in words] == sorted(record.index(word) for word in words)
    for content in (photo, copy):
        assert hashlib.sha256(content).hexdigest() in record
        assert hashlib.new("sm3", content).hexdigest() in record
    assert {"拍摄位置", "设备型号", "作者姓名"} <= set(re.split(r"[、：。]", re.sub(r"<[^>]+>", "", record)))
    (viewed,) = events(house, "evidence_viewed", photo)
    assert viewed.data == {
        "digest": hashlib.sha256(photo).hexdigest(),
        "copy": hashlib.sha256(copy).hexdigest(),
    }
    assert viewed.actor.startswith("staff:")


def test_what_cannot_be_cleaned_is_explained_and_not_handed_out(house: House) -> None:
    """An old Word document: the officer reads why, there is no link, and the address gives the same sentence."""
    number = house.file("高楼镇仁济诊所", files={"a.doc": OLD}).case_number
    officer = house.browser("officer")
    page = officer.get(f"/desk/cases/{number}").text
    assert "旧版 Office 格式" in page
    assert links(page) == []
    report = re.search(r'id="report-(\d+)"', page)
    assert report is not None
    answer = officer.get(f"/desk/cases/{number}/evidence/{report[1]}/{hashlib.sha256(OLD).hexdigest()}")
    assert answer.status_code == 409
    assert "旧版 Office 格式" in answer.text
    assert OLD not in answer.content
    assert events(house, "evidence_viewed", OLD) == []


def test_a_file_of_an_earlier_release_is_cleaned_when_it_is_first_opened(house: House) -> None:
    """Also after a crash between keeping a file and keeping its copy: nothing is lost, and it is done once."""
    photo = corpus.jpeg(behind=b"3")
    number = house.file("驿马镇同春堂药店", files={"a.jpg": photo}).case_number
    for copy in (house.app.evidence.folder / "copies").glob("??/*"):
        copy.unlink()
    officer = house.browser("officer")
    link = links(officer.get(f"/desk/cases/{number}").text)[0]
    first, second = officer.get(link).content, officer.get(link).content
    assert first == second
    assert found(first, corpus.WORDS) == set()
    assert len(events(house, "evidence_cleaned", photo)) == 1


def test_the_teller_sees_nothing_of_the_custody(house: House) -> None:
    """Who looked at his file when is not his to see, and what others sent even less."""
    number = house.file("玄马镇骨伤专科", files={"a.jpg": corpus.jpeg()}).case_number
    house.browser("officer").get(links(house.browser("officer").get(f"/desk/cases/{number}").text)[0])
    with house.app.database.reading() as session:
        from intake import queries
        from intake.models import FiledReport

        report = session.scalars(select(FiledReport).where(FiledReport.number == number)).one()
        page = queries.teller_page(session, report.id, viewer=report, vault=house.app.vault)
        assert [step.kind for step in page.steps] == ["filed"]
        assert len(page.files) == 1
