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
    """

    name: str
    title: str
    authority: str
    graph_url: str
    openid_url: str
    issuers: tuple[str, ...]

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
        ),
    )
}


def get_cloud(name: str) -> Cloud:
    """Return the cloud with a name in any letter case; ``ValueError`` for an unknown name lists the names."""
    lowercase = name.lower()
    if lowercase not in CLOUDS:
        raise ValueError(unknown_name_message("cloud", name, CLOUDS))
    return CLOUDS[lowercase]
