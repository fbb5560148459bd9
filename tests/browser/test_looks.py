"""What every page owes to eyes, fingers and screen readers, in every size and both schemes of colours."""

from __future__ import annotations

import pytest

from tests.bot.web.conftest import filed
from tests.bot.web.site import Site
from tests.browser.driver import Browser

pytestmark = pytest.mark.browser

# WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 : 1 (3 : 1 where it is large); here 4.5 for all of it.
CONTRAST = """
const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
const ground = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const colour = parse(getComputedStyle(one).backgroundColor);
    if (colour[3] === 1) return colour;
  }
  return [255, 255, 255, 1];
};
const bad = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || element.closest('script,template,noscript,.unseen,:disabled')) continue;
  if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
  const [one, two] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
  const ratio = (Math.max(one, two) + .05) / (Math.min(one, two) + .05);
  if (ratio < 4.5) bad.push([walker.currentNode.textContent.trim().slice(0, 30), Math.round(ratio * 100) / 100]);
}
return bad;
"""
NAMELESS = """
return [...document.querySelectorAll('a, button, input:not([hidden]), textarea, summary')]
  .filter((one) => one.checkVisibility())
  .filter((one) => !(one.innerText?.trim() || one.getAttribute('aria-label') || one.labels?.length || one.alt))
  .map((one) => one.outerHTML.slice(0, 80));
"""
SMALL = """
return [...document.querySelectorAll('button, .button, textarea, .code-input')].filter((one) => one.checkVisibility())
  .map((one) => [one.innerText || one.id, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 40 || box.height < 40).map(([name, box]) => [name, box.width, box.height]);
"""
OUTSIDE = "return performance.getEntriesByType('resource').map((one) => one.name).filter((u) => !u.startsWith(origin))"

SIZES = [(320, 568, True), (390, 844, True), (768, 1024, False), (1280, 900, False)]


def visit(browser: Browser, here: Site, path: str) -> None:
    """Open a page as far as it goes without typing."""
    browser.open(here.base + path)
    if path == "/":
        browser.find(".choices button")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
@pytest.mark.parametrize("path", ["/", "/receipt", "/privacy", "/nowhere"])
def test_a_page_fits_reads_and_names_everything(
    browser: Browser, here: Site, path: str, size: tuple[int, int, bool], dark: bool
):
    """No sideways scrolling, contrast, names, finger-sized buttons, nothing from outside."""
    width, height, phone = size
    browser.look(width, height, dark=dark, phone=phone)
    visit(browser, here, path)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(CONTRAST) == []
    assert browser.run(NAMELESS) == []
    assert browser.run(SMALL) == []
    assert browser.run(OUTSIDE) == []


@pytest.mark.parametrize("dark", [False, True])
def test_a_report_fits_and_reads(browser: Browser, here: Site, dark: bool):
    """The same for a report that was looked up, on the smallest phone."""
    browser.look(320, 568, dark=dark, phone=True)
    visit(browser, here, "/receipt")
    browser.type("#code", filed(here.app, f"look {dark}").query_code)
    browser.press("#look")
    browser.shows("办理进度")
    assert browser.run("return document.documentElement.scrollWidth") <= 320
    assert browser.run(CONTRAST) == []
    assert browser.run(NAMELESS) == []


def test_a_screen_reader_hears_the_conversation(browser: Browser, here: Site):
    """The log is live, the entry labelled, the focus seen; whoever wants no motion gets none."""
    visit(browser, here, "/")
    log = "const log = document.querySelector('#log'); return [log.getAttribute('role'), log.getAttribute('aria-live')]"
    assert browser.run(log) == ["log", "polite"]
    assert "回车发送" in browser.run("return document.querySelector('#text').labels[0].textContent")
    browser.keys("Tab")
    assert browser.run("return document.activeElement.className") == "skip"
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    motion = {"name": "prefers-reduced-motion", "value": "reduce"}
    browser.cdp("Emulation.setEmulatedMedia", features=[motion])
    assert browser.run("return getComputedStyle(document.querySelector('.bubble')).animationName") == "none"
