"""The sequence diagram in JupyterLab: steps, Play, the JSON of a message, and the table, by keyboard alone."""

from playwright.sync_api import expect

from .axe import grave_faults

CELL = """
import graphcall_nb as gc

session = gc.simulate(virtual_time=True, seed=1)
call = session.create_call(gc.templates.peer_to_peer())
ladder = session.sequence(title="Slow motion")
ladder
"""


def test_a_call_is_let_go_message_by_message(lab_page):
    lab_page.show(CELL)
    messages = lab_page.locate(".gcs-message")
    expect(messages).to_have_count(2)
    step = lab_page.page.get_by_role("button", name="Step")
    step.press("Enter")
    expect(messages.last).to_contain_text("updated establishing")
    step.press("Enter")
    expect(messages.last).to_contain_text("updated ringing")
    lab_page.page.get_by_role("listbox", name="messages").press("End")
    expect(lab_page.locate(".gcs-json")).to_contain_text('"state": "ringing"')
    lab_page.page.get_by_role("button", name="Play").press("Enter")
    expect(lab_page.locate(".gcs-note")).to_contain_text("Nothing is due")  # played to the end
    lab_page.page.get_by_role("button", name="Table").press("Enter")
    expect(lab_page.locate(".gcs-table tbody tr").last).to_contain_text("deleted terminated")
    assert grave_faults(lab_page, ".gcs") == []
    assert lab_page.cell_errors() == lab_page.errors == lab_page.foreign == []
