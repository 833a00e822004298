"""A bot of a user's own with the asynchronous client, and a session with a simulator in another process."""

import asyncio
import os

import graphcall_nb as gc
from graphcall_nb.errors import GraphError, NotFound, ServiceUnreachable
from graphcall_nb.graph.operations import PlayPrompt


async def call_back(calls: gc.AsyncCalls, number: str) -> str | None:
    try:
        created = await calls.create(gc.templates.pstn(number))
        operation = await calls.perform(created.id, PlayPrompt.from_kwargs(prompts="https://cdn.contoso.com/hi.wav"))
        print(operation.status, operation.id)
        await calls.delete(created.id)
    except (NotFound, ServiceUnreachable) as error:
        print(error)
        return None
    except GraphError as error:
        print(error.status, error.code, error.request_id)
        return None
    return created.id


def main() -> None:
    with gc.attach(os.environ["GRAPH_URL"], callback_uri="http://127.0.0.1:3978/api/calls", version="v1.0") as session:
        ringing = session.simulator.ring("+14255550100", scenario="callee_hangs_up")
        ringing.wait_for("established", timeout=20)
        session.simulator.press(ringing.id, "tone1", "pound")
        requests = session.simulator.requests(operation="answer")
        assert requests["status"].tolist() == [202]
        session.run(call_back(session.async_calls, "+14255550100"))
        for call in session.incoming():
            call.answer()
            operation = call.play_prompt("https://cdn.contoso.com/hi.wav").wait(timeout=10)
            print(operation.status, call.wait_for_tone(), [each.label for each in call.call.targets or []])
            call.hang_up()


asyncio.run(call_back(gc.AsyncCalls(version="v1.0"), "+14255550100"))
