"""What staff read of a teller's words: whatever tells who he is by its form is masked, and the matter stays."""

from __future__ import annotations

from datetime import datetime
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from intake.masks import lock, masked

NOW = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("我是那里的护士，叫赵铁柱", "铁柱"),
        ("我妈王秀兰在那里住院", "秀兰"),
        ("我丈夫陈建国是会计", "建国"),
        ("补充一点：我是李玉莲，换了电话", "玉莲"),
        ("有事打13900023757找李玉莲，随时都行", "玉莲"),
        ("我表弟孙大伟，拍了照片", "大伟"),
        ("我是王秀兰的女儿", "秀兰"),
        ("我叫阿依古丽·买买提", "买买提"),
        ("微信号tiezhu8899", "tiezhu"),
        ("加我QQ 123456789", "3456"),
        ("邮箱zhao.tz@163.com", "zhao"),
        ("住院号ZY20260311", "20260311"),
        ("社保卡号A12345678", "12345"),
        ("幺三八九三四幺二三四五", "八九三四"),
        ("身份证62280119800101123X", "19800101"),
        ("62280119800101 123X", "19800101"),
        ("电话13893412345", "3412"),
        ("杨玉林 13893412345 62280119800101123X", "玉林"),
        ("家属（陈秀香，62280119800101123X）", "秀香"),
    ],
)
def test_what_tells_who_somebody_is_does_not_reach_staff(text: str, hidden: str) -> None:
    """By its form alone, also where the ear did not take it for a name or a number."""
    assert hidden not in masked(text, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "我妈高血压住院，医保花了12000元。",
        "我爸周一去康宁医院，周末才出院。",
        "我妈黄疸很高，做了三次检查。",
        "我是患者家属，也是那里的护士。",
        "打电话找李医生，他就给开。",
        "这个叫挂床住院，叫人气愤。",
        "2026年3月15日，发票号码是什么我不知道。",
        "金额12345.67元，涉及1380000元，100人。",
        "庆城县康宁医院三楼的病床是空的，却天天刷医保。",
        "叫号机是坏的，微信支付了300元。",
        "一三五上班，二四六休息。",
        "张医生 139****5678 值班，马上，139****5678 有人接。",
    ],
)
def test_the_matter_itself_stays_readable(text: str) -> None:
    """Masking more than persons would hide what has to be looked into."""
    assert masked(text, now=NOW) == text


def test_the_end_of_a_very_long_text_is_masked_as_its_beginning() -> None:
    """The ear listens to the first 20 000 characters; the rest is not left as it came."""
    text = "空床。" * 8000 + "我叫赵铁柱，住在庆城县。"
    assert "铁柱" not in masked(text, now=NOW)


@pytest.mark.parametrize(
    "piece", ["1", "a", "a.", "@", "我妈", "王", "叫", "幺", "住院号", "QQ ", "·王", "是王秀的", "1-", "王·"]
)
def test_no_text_makes_the_lock_run_away(piece: str) -> None:
    """Twenty thousand characters of one thing."""
    started = process_time()
    lock((piece * 20_000)[:20_000])
    assert process_time() - started < 1
