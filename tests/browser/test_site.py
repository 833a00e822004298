"""The documentation, opened from a folder."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def page(browser, site_folder):
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto((site_folder / "index.html").as_uri())
        yield page


def test_search_finds_a_public_name(page):
    page.get_by_role("textbox", name="Search").fill("plot_sequence")
    found = page.locator(".md-search-result__item").first
    expect(found).to_contain_text("plot_sequence", timeout=60_000)
    found.get_by_role("link").first.click()
    page.wait_for_url("file://**/names.html**")
