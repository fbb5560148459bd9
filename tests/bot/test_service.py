"""How the service is put together: what it believes of its callers, what it takes from them."""

from __future__ import annotations

import pytest

from bot.app import MB, App
from bot.channels.sentences import why_refused
from bot.service import assembled, configured
from bot.settings import Settings
from intake.errors import EvidenceTooLarge
from nlu.embedded import EmbeddedEar


def test_a_caller_cannot_choose_his_own_address(app: App) -> None:
    """The server never rewrites the caller's address: only bot.web.door reads X-Forwarded-For, by setting."""
    config = configured(assembled(app), "127.0.0.1", 0)
    assert not config.proxy_headers
    assert config.forwarded_allow_ips == []


def test_the_largest_file_is_the_setting(settings: Settings, ear: EmbeddedEar) -> None:
    """A file above max_file_mb is refused by the store itself, whichever door it came through."""
    small = App.open(settings.model_copy(update={"max_file_mb": 1}), ear=ear)
    try:
        with pytest.raises(EvidenceTooLarge) as refused:
            small.evidence.store(b"a" * (MB + 1), "note.txt")
        assert why_refused(refused.value)
    finally:
        small.close()
