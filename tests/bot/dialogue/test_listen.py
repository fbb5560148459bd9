"""Of several things of one kind the dialogue takes the one that the matter turns on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.dialogue.listen import found_slots
from nlu import entities
from nlu.meaning import Understanding


def heard(text: str) -> Understanding:
    found = entities.find(text, now=datetime(2026, 11, 20, 4, tzinfo=UTC))
    return Understanding(text, "citizen", 1.0, (), (), found, abstained=False, engine="none")


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("医保给报了三千五，我自己掏了八千", 3500),
        ("一共一千二，还有三百", 1200),
    ],
)
def test_the_sum_of_a_report_is_the_funds(text: str, yuan: int) -> None:
    """What the teller paid out of pocket is no loss of the fund, however much it was."""
    value = found_slots(heard(text), "citizen")["amount"].value
    assert value is not None
    assert value["yuan"] == yuan
