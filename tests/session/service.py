"""A simulator on a port, to connect to as to a tenant."""

from contextlib import contextmanager

from graphcall_nb.background import Background, serve
from graphcall_nb.simulator.simulator import Simulator


@contextmanager
def serve_simulator(**settings):
    """Serve a simulator on a loopback port and yield its settings."""
    background = Background("service")
    background.start()
    simulator = Simulator(**{"speed": 50} | settings)
    server = background.run(serve(simulator.app))
    try:
        yield simulator.info(server.url)
    finally:
        background.run(server.close())
        background.run(simulator.aclose())
        background.stop()


def make_parameters(info):
    return {
        "tenant_id": info["tenant_id"],
        "client_id": info["client_id"],
        "client_credential": info["client_secret"],
        "graph_url": info["graph_url"],
        "authority": info["graph_url"],
        "openid_url": info["openid_url"],
    }
