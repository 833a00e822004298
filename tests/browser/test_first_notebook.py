"""Notebook 01 in JupyterLab: its cells run, its form is sent by clicks, and its frame shows the call."""

import re

from playwright.sync_api import expect

SECONDS = 1000


def test_first_notebook_and_a_call_by_form(lab_page):
    lab_page.open("01_first_call.ipynb")
    lab_page.run_all()
    assert lab_page.cell_errors() == []
    form = lab_page.locate(".gcf-form").first
    form.locator(".gcf-template select").select_option(label="Phone")
    subject = form.locator(".gcf-subject input").first
    subject.fill("Placed by clicks")
    subject.press("Tab")
    expect(form.locator(".gcf-json textarea").first).to_have_value(re.compile("Placed by clicks"))
    form.locator("button.gcf-create, .gcf-create button").first.click()
    expect(form.locator(".gcf-outcome").first).to_contain_text("Created. Call", timeout=20 * SECONDS)
    lab_page.execute("session.call(form.last.id).wait_for('established', timeout=20)")
    assert "Placed by clicks" in lab_page.execute("print(session.calls().to_string())")
