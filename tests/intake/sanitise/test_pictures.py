"""A picture looks the same after cleaning: its pixels, its way up, its colours, its frames."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms

from intake.sanitise import images
from intake.sanitise.verdict import Hostile, Limits, Withheld
from tests.intake.sanitise import corpus

LIMITS = Limits()


def apart(one: Any, other: Any) -> float:
    """The mean difference of two pictures, 0 to 255 a channel."""
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    pixels = difference.tobytes()
    return sum(pixels) / len(pixels)


def clean(content: bytes, media_type: str, limits: Limits = LIMITS) -> Any:
    """The copy, decoded."""
    return corpus.opened(images.clean(content, media_type, limits).content)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_whichever_way_the_phone_was_held(orientation: int) -> None:
    """EXIF's eight orientations are applied before EXIF goes."""
    shown = clean(corpus.jpeg(orientation), "image/jpeg")
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)  # fmt: skip
    meant = corpus.picture() if turn is None else corpus.picture().transpose(turn)
    assert shown.size == meant.size
    assert apart(shown, meant) < 4
    assert shown.getexif().get(0x0112) is None


@pytest.mark.parametrize(
    ("build", "media_type"),
    [(corpus.png, "image/png"), (corpus.bmp, "image/bmp"), (corpus.tiff, "image/tiff")],
)
def test_where_nothing_is_lost_in_writing_every_pixel_is_the_same(build: Any, media_type: str) -> None:
    """PNG, BMP and TIFF come out pixel for pixel."""
    assert apart(clean(build(), media_type), corpus.picture()) == 0


def test_a_webp_keeps_its_colours_and_an_iphone_photo_becomes_one_that_every_browser_shows() -> None:
    """WebP stays WebP; HEIC becomes JPEG, upright."""
    assert apart(clean(corpus.webp(), "image/webp"), corpus.picture()) < 4
    found = images.clean(corpus.heic(), "image/heic", LIMITS)
    assert found.media_type == "image/jpeg"
    assert corpus.opened(found.content).size == (32, 64)
    assert {"location", "author", "device"} <= set(found.removed)


@pytest.mark.parametrize(
    ("mode", "media_type", "form", "kept"),
    [
        ("L", "image/jpeg", "JPEG", "L"), ("CMYK", "image/jpeg", "JPEG", "RGB"), ("1", "image/png", "PNG", "1"),
        ("P", "image/png", "PNG", "RGB"), ("LA", "image/png", "PNG", "LA"), ("RGBA", "image/png", "PNG", "RGBA"),
        ("1", "image/tiff", "TIFF", "1"), ("CMYK", "image/tiff", "TIFF", "RGB"), ("P", "image/gif", "GIF", "P"),
        ("P", "image/bmp", "BMP", "RGB"), ("RGBA", "image/webp", "WEBP", "RGB"),
    ],
)  # fmt: skip
def test_every_kind_of_pixel_is_kept(mode: str, media_type: str, form: str, kept: str) -> None:
    """Grey, palette, transparent, printed, black and white."""
    drawn, out = corpus.picture(mode=mode), io.BytesIO()
    drawn.save(out, form)
    shown = clean(out.getvalue(), media_type)
    assert shown.mode == kept
    assert apart(shown, corpus.opened(out.getvalue())) < 4


def test_sixteen_bits_stay_sixteen_bits() -> None:
    """Scans of X-rays lose no grey."""
    deep = Image.new("I;16", (8, 8), 40_001)
    out = io.BytesIO()
    deep.save(out, "PNG")
    assert clean(out.getvalue(), "image/png").getpixel((3, 3)) == 40_001


def test_transparency_by_a_single_colour_is_kept() -> None:
    """A palette with one clear entry."""
    out = io.BytesIO()
    corpus.picture(mode="P").save(out, "PNG", transparency=0)
    assert clean(out.getvalue(), "image/png").mode == "RGBA"


def test_colours_of_another_profile_are_brought_to_the_common_one() -> None:
    """A profile goes, what it meant stays: here one whose red and blue are exchanged by its maker."""
    common = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = common.replace(b"sRGB built-in", b"Other maker  ").replace(
        "sRGB built-in".encode("utf-16-be"), "Other maker  ".encode("utf-16-be")
    )
    exchanged = exchanged.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    out = io.BytesIO()
    corpus.picture().save(out, "PNG", icc_profile=exchanged)
    shown = clean(out.getvalue(), "image/png")
    assert "icc_profile" not in shown.info
    red, green, blue = corpus.picture().split()
    assert apart(shown, Image.merge("RGB", (blue, green, red))) < 4


@pytest.mark.parametrize(("media_type", "form"), [("image/gif", "GIF"), ("image/webp", "WEBP"), ("image/png", "PNG")])
def test_an_animation_keeps_its_frames_and_their_times(media_type: str, form: str) -> None:
    """All three frames, in their order, as long as they were."""
    frames = [corpus.picture().rotate(angle) for angle in (0, 90, 180)]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    shown = clean(out.getvalue(), media_type)
    assert shown.n_frames == 3
    for number, frame in enumerate(frames):
        shown.seek(number)
        shown.load()
        assert apart(shown, frame) < 6
        if form != "WEBP":
            assert shown.info["duration"] == (number + 1) * 100


def test_every_page_of_a_scanned_paper_is_kept() -> None:
    """Two pages in, two pages out."""
    shown = clean(corpus.tiff(), "image/tiff")
    assert shown.n_frames == 2
    shown.seek(1)
    assert apart(shown, corpus.picture().rotate(180)) == 0


def test_a_photo_that_broke_off_shows_what_came() -> None:
    """The upper part is evidence, too; that the rest is missing is said."""
    big = io.BytesIO()
    Image.effect_noise((400, 400), 60).convert("RGB").save(big, "JPEG")
    found = images.clean(big.getvalue()[: len(big.getvalue()) // 2], "image/jpeg", LIMITS)
    assert found.removed["incomplete"] == 1
    assert corpus.opened(found.content).size == (400, 400)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b""])
def test_what_is_no_picture_is_withheld(content: bytes) -> None:
    """No copy, and no error of ours."""
    media_type = {b"\xff": "image/jpeg", b"\x89": "image/png"}.get(content[:1], "image/gif")
    with pytest.raises(Withheld):
        images.clean(content, media_type, LIMITS)


def test_budgets_hold_before_anything_is_unpacked() -> None:
    """Pixels, frames, and both together."""
    with pytest.raises(Hostile, match="bomb"):
        clean(corpus.png(), "image/png", Limits(pixels=96 * 48 - 1))
    with pytest.raises(Hostile, match="bomb"):
        clean(corpus.gif(), "image/gif", Limits(frames=2))
    assert clean(corpus.gif(), "image/gif", Limits(frames=3)).n_frames == 3


def test_the_record_names_what_a_phone_told_by_kind() -> None:
    """Kinds and never contents: where a photo was taken is not written down anew."""
    found = images.clean(corpus.jpeg(), "image/jpeg", LIMITS).removed
    kinds = {"location", "device", "author", "software", "comment", "maker_note", "thumbnail", "xmp", "iptc", "profile"}
    assert set(found) == kinds


def test_the_kept_sample_is_small() -> None:
    """The one binary of the corpus is what it says and no more."""
    assert (Path(__file__).parent / "phone.heic").stat().st_size < 1024
