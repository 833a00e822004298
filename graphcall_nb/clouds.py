"""Microsoft's clouds: where each lets people sign in, where its Graph is, who signs its notifications."""

from __future__ import annotations

from dataclasses import dataclass

from ._arguments import unknown_name_message

SKYPE_OPENID_URL = "https://api.aps.skype.com/v1/.well-known/OpenIdConfiguration"


@dataclass(frozen=True)
class Cloud:
    """One of Microsoft's clouds.

    Attributes
    ----------
    name : as it is given to ``connect(cloud=…)``
    title : in words
    authority : where applications sign in
    graph_url : where Graph is
    openid_url : where the keys of call notifications are announced
    issuers : who may have issued the tokens of call notifications
    """

    name: str
    title: str
    authority: str
    graph_url: str
    openid_url: str
    issuers: tuple[str, ...]

    @property
    def scope(self) -> str:
        """What an access token is asked for: all that an administrator consented to."""
        return f"{self.graph_url}/.default"


GLOBAL = Cloud(
    "global",
    "the worldwide cloud",
    "https://login.microsoftonline.com",
    "https://graph.microsoft.com",
    SKYPE_OPENID_URL,
    ("https://graph.microsoft.com", "https://api.botframework.com"),
)

# Microsoft publishes the authorities and addresses of Graph of its national clouds, and the issuers of their bot
# services, but not who signs call notifications there. An issuer by itself opens nothing: the key must be one of those
# that ``openid_url`` announces. Whoever knows better gives openid_url= and issuers=.
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


def cloud_named(name: str) -> Cloud:
    """The cloud of a name in any letter case; ``ValueError`` says which there are."""
    plain = name.lower()
    if plain not in CLOUDS:
        raise ValueError(unknown_name_message("cloud", name, CLOUDS))
    return CLOUDS[plain]
