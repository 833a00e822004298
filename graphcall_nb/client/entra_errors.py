"""Remedies for the error codes of Microsoft Entra (AADSTS…) that an application can get when it signs in.

The codes are those of Microsoft's reference of authentication and authorization error codes that do not depend on a
user, a browser or SAML, and those that client credentials were seen to get besides.
"""

from __future__ import annotations

_APP = "Entra > App registrations > your application"
_SECRETS = f"{_APP} > Certificates & secrets"
_SIGN_IN_LOGS = "Entra's sign-in logs (Service principal sign-ins)"

# fmt: off
_CODES_BY_REMEDY: dict[str, tuple[int, ...]] = {
    # tenant
    "The tenant does not exist: check the tenant id and the cloud.": (90002, 50107, 50169),
    "The tenant id is neither a GUID nor a domain: copy it from the application's Overview.": (900023, 50029, 90102),
    "The tenant id is missing: pass the tenant id from the application's Overview.": (50059, 50128, 90019),
    "An application signs in to one tenant: pass its id, not common, organizations or consumers.": (
        50194, 90124, 90130, 9001023, 9002332
    ),
    "The tenant is in another cloud: pass cloud='usgov', 'usgov-dod' or 'china'.": (
        900382, 90038, 90043, 900432, 900439, 90051, 1000104
    ),
    "This network allows other tenants only: have its administrator allow the tenant (tenant restrictions).": (
        50002, 500021, 500022
    ),
    "A policy on access between tenants forbids it: an administrator must allow the application.": (500212, 500213),
    "The tenant is blocked or sends too many requests: wait some minutes, then ask its administrator.": (90055,),
    "The tenant is not set up completely: try again later, then ask its administrator.": (90085,),
    # application
    "The application does not exist in the tenant: check the client id and the tenant id.": (700016, 700011),
    "The application has no service principal in this tenant: have an administrator grant consent there.": (
        7000229, 90099, 7000113
    ),
    "The application is disabled: its owner or an administrator must enable it in Entra.": (7000112, 70001, 1000031),
    "The application is not assigned to Microsoft Graph: an administrator must assign it.": (50105, 501051),
    f"The application is registered as a public client: turn off {_APP} > Authentication > Allow public client flows, "
    "and register it as a Web platform.": (700025,),
    "The application may not sign in without a user: use a registration of your own, of type Web.": (
        65002, 67003, 7000114, 700020, 70003
    ),
    # credential
    f"The client secret is wrong: use its Value, not its Secret ID ({_SECRETS}).": (7000215, 70002),
    f"The client secret has expired: create a new one under {_SECRETS}.": (7000222,),
    "The request has neither a secret nor a certificate: pass client_credential or client_certificate.": (
        7000218, 7000216, 50192, 90014, 900144
    ),
    f"The certificate was revoked or removed: upload another one under {_SECRETS}.": (7000214, 220501),
    f"The certificate is not one of the application's: upload its public part under {_SECRETS}.": (
        700027, 700030, 50003, 135010, 50006, 900384
    ),
    f"The certificate is not trusted: upload another one under {_SECRETS}.": (50017,),
    "The key of the certificate is too weak: use RSA with 2,048 bits or more.": (50032,),
    "The sign-in is outside its time range: set this machine's clock.": (700024, 500133),
    f"The certificate is not yet valid or has expired: upload a new one under {_SECRETS}.": (1000502,),
    f"The secret or certificate was refused: create a new one under {_SECRETS}.": (50012, 50013, 50064),
    "The assertion is not one of this application: its issuer and subject must be the client id, its audience the "
    "authority.": (700021, 50027, 50048, 50010, 90016),
    f"No federated credential of the application fits: compare issuer, subject and audience under {_SECRETS}.": (
        700212, 70021, 700211, 700213, 700229
    ),
    # consent and policies
    "Consent is missing: have an administrator grant consent under API permissions.": (
        65001, 65004, 90008, 90093, 90094, 90095
    ),
    f"The permission is not in the registration: add it under {_APP} > API permissions and have an administrator grant "
    "consent.": (65005, 650056, 650057),
    f"Conditional access blocks the application: an administrator finds the policy in {_SIGN_IN_LOGS}.": (
        53003, 50131, 530032, 530035, 53011, 530034
    ),
    "Conditional access requires a managed device: an administrator must exempt the application.": (
        530003, 50005, 50097, 53001
    ),
    "Conditional access requires a compliant device: an administrator must exempt the application.": (53000,),
    f"This address is blocked, or the application is at risk: an administrator finds the reason in {_SIGN_IN_LOGS}.": (
        50053,
    ),
    "Entra received the same request in a loop: wait some minutes.": (50196,),
    # scope
    "The tenant does not know this Graph URL: check the cloud and graph_url.": (500011, 50001, 5000224),
    "Microsoft Graph is disabled in the tenant, or not part of its subscription: ask its administrator.": (
        500014, 650052, 650054
    ),
    "The scope is wrong: it must be Graph's URL followed by /.default.": (
        700023, 70011, 1002012, 28002, 28003, 700022, 901002, 90009, 501461
    ),
    # request
    "The request is invalid: check the client id and the tenant id.": (90013, 90100, 90117, 90121, 165900, 165004),
    "The request was changed on its way: check the authority, and any proxy between this machine and Entra.": (
        50050, 51005, 90004, 90015, 90023, 9002313, 90056, 900561, 90107
    ),
    # Entra
    "Entra is temporarily unavailable: try again in some minutes.": (90033, 50033, 90006, 90024, 90090, 90091),
    "Entra took too long: try again.": (90012,),
    "Entra does not know this authority: check the cloud and authority.": (50049, 100007, 230109),
    "Entra failed in a way for which a retry does not help: give Microsoft's support the time and the code.": (
        50000, 50007, 50146, 51000, 90010, 90036, 90092, 90123
    ),
}
# fmt: on

REMEDIES: dict[int, str] = {code: remedy for remedy, codes in _CODES_BY_REMEDY.items() for code in codes}
"""Remedy for each error code (AADSTS…) that an application can get."""
