"""Entra's refusals in words: what a code means for somebody who signs in as an application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import SignInFailed

_SECRETS = "Entra > App registrations > your application > Certificates & secrets"

REMEDIES: dict[int, str] = {
    # Who is asked
    90002: "There is no such tenant: check the tenant id, and the cloud.",
    900023: "The tenant id is neither a GUID nor a domain: copy it from the application's Overview.",
    50059: "No tenant was named: give the tenant id from the application's Overview.",
    900382: "The tenant is in another cloud: give cloud='usgov', 'usgov-dod' or 'china'.",
    90051: "The tenant is in another cloud: give cloud='usgov', 'usgov-dod' or 'china'.",
    # Which application
    700016: "The tenant has no such application: check the client id and the tenant id.",
    7000229: "The application was never admitted to this tenant: have an administrator grant it consent there.",
    7000112: "The application is disabled: its owner, or an administrator, must enable it in Entra.",
    7000113: "The application may not do that in this tenant: have an administrator grant it consent there.",
    90013: "The request was not understood: check the client id and the tenant id.",
    # How it proves who it is
    7000215: f"The client secret is wrong: use its Value, not its Secret ID ({_SECRETS}).",
    7000222: f"The client secret has expired: make a new one under {_SECRETS}.",
    7000218: "Entra saw no secret and no certificate: give client_credential or client_certificate.",
    7000216: "Entra saw no secret and no certificate: give client_credential or client_certificate.",
    7000214: f"The certificate was revoked or removed: upload another under {_SECRETS}.",
    700027: f"The certificate is not one of the application's: upload its public part under {_SECRETS}.",
    700030: f"The certificate is not one of the application's: upload its public part under {_SECRETS}.",
    700024: "The sign-in was made too early or too late: set this machine's clock.",
    1000502: f"The certificate is not within its time of validity: upload a new one under {_SECRETS}.",
    50012: f"The secret or certificate was refused: make a new one under {_SECRETS}.",
    # What it may
    65001: "Nobody consented: have an administrator grant consent under API permissions.",
    53003: "Conditional access blocks the application: an administrator sees the policy in Entra's sign-in logs.",
    530003: "Conditional access wants a managed device: an administrator must exempt the application.",
    53000: "Conditional access wants a compliant device: an administrator must exempt the application.",
    50196: "Entra saw the same request in a loop: wait some minutes.",
    # What it asks for
    500011: "The tenant does not know this Graph: check the cloud and graph_url.",
    70011: "The scope is wrong: it must be Graph's address followed by /.default.",
    1002012: "The scope is wrong: it must be Graph's address followed by /.default.",
    # Entra itself
    90033: "Entra is out of order at the moment: try again in some minutes.",
    90012: "Entra took too long: try again.",
    50049: "Entra does not know this authority: check the cloud and authority.",
}
"""Of the codes (AADSTS…) that applications meet."""


def failure(answer: Mapping[str, Any]) -> SignInFailed:
    """Entra's answer as an error; its description repeats ids and traces, so that only its first sentence is kept."""
    codes = answer.get("error_codes") or []
    number = codes[0] if codes else 0
    code = f"AADSTS{number}" if codes else str(answer.get("error", ""))
    remedy = REMEDIES.get(number, "Look the code up at https://login.microsoftonline.com/error.")
    said = first_sentence(str(answer.get("error_description") or answer.get("error") or "no reason given."))
    return SignInFailed(f"Signing in failed: {said}", code=code, remedy=remedy)


def first_sentence(text: str) -> str:
    sentence = text.strip().splitlines()[0].partition(" Trace ID:")[0].partition(". ")[0]
    return sentence.rstrip(".") + "."
