"""Microsoft's clouds: their sign-in authorities, Graph URLs and issuers of notification tokens."""

from __future__ import annotations

from dataclasses import dataclass

from .._arguments import unknown_name_message

SKYPE_OPENID_URL = "https://api.aps.skype.com/v1/.well-known/OpenIdConfiguration"


@dataclass(frozen=True)
class Cloud:
    """One of Microsoft's clouds.

    Attributes
    ----------
    name : value of ``connect(cloud=…)``
    title : name for people
    authority : URL where applications sign in
    graph_url : URL of Graph
    openid_url : URL of the document that announces the keys of call notifications
    issuers : accepted issuers of the tokens of call notifications
    has_calling : whether Microsoft's pages offer calling in it
    """

    name: str
    title: str
    authority: str
    graph_url: str
    openid_url: str
    issuers: tuple[str, ...]
    has_calling: bool = True

    @property
    def no_calling_reason(self) -> str:
        """A sentence for a cloud without calling."""
        return f"Calling is not available in {self.title}, by Microsoft's pages of its operations."

    @property
    def scope(self) -> str:
        """Scope of access tokens: all permissions that an administrator consented to."""
        return f"{self.graph_url}/.default"


GLOBAL = Cloud(
    "global",
    "the worldwide cloud",
    "https://login.microsoftonline.com",
    "https://graph.microsoft.com",
    SKYPE_OPENID_URL,
    ("https://graph.microsoft.com", "https://api.botframework.com"),
)

# Microsoft publishes the authorities and Graph URLs of its national clouds, and the issuers of their bot services, but
# not the issuers of call notifications. Accepting an additional issuer is safe: the key must still be one of those that
# ``openid_url`` announces. Users can override both with openid_url= and issuers=.
CLOUDS: dict[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        GLOBAL,
        Cloud(
            "usgov",
            "US Government (GCC High)",
            "https://login.microsoftonline.us",
            "https://graph.microsoft.us",
            SKYPE_OPENID_URL,
            ("https://graph.microsoft.us", "https://api.botframework.us", *GLOBAL.issuers),
        ),
        Cloud(
            "usgov-dod",
            "US Government (DoD)",
            "https://login.microsoftonline.us",
            "https://dod-graph.microsoft.us",
            SKYPE_OPENID_URL,
            ("https://dod-graph.microsoft.us", "https://api.botframework.us", *GLOBAL.issuers),
        ),
        Cloud(
            "china",
            "China (operated by 21Vianet)",
            "https://login.partner.microsoftonline.cn",
            "https://microsoftgraph.chinacloudapi.cn",
            SKYPE_OPENID_URL,
            ("https://microsoftgraph.chinacloudapi.cn", "https://api.botframework.azure.cn", *GLOBAL.issuers),
            has_calling=False,
        ),
    )
}


def get_cloud(name: str | Cloud) -> Cloud:
    """Return the cloud with a name in any letter case; ``ValueError`` for an unknown name lists the names."""
    if isinstance(name, Cloud):
        return name
    lowercase = name.lower()
    if lowercase not in CLOUDS:
        raise ValueError(unknown_name_message("cloud", name, CLOUDS))
    return CLOUDS[lowercase]


def find_cloud(graph_url: str) -> Cloud | None:
    """Return the cloud whose Graph is at a URL; ``None`` for another service, such as a simulator.

    Examples
    --------
    >>> find_cloud("https://graph.microsoft.us/").name
    'usgov'
    """
    address = graph_url.rstrip("/").lower()
    return next((cloud for cloud in CLOUDS.values() if cloud.graph_url == address), None)
