"""Results of calls and operations as data: meaning, advice and source by code and subcode."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """Explanation of one result; ``meaning`` and ``remedy`` are sentences without a full stop."""

    meaning: str
    remedy: str
    source: str


DELETE_CALL = "Microsoft Graph, Delete call, table of call end codes"
EXAMPLES = "Microsoft Graph, examples of calls and operations"
CAPTURES = "captures of real notifications, in public issues"
PAGES_2018 = "Microsoft Graph, pages of 2018: values of subCode, completionReason and terminationReason"
AZURE = "Azure Communication Services, call end codes (the same calling service)"
SIP = "RFC 3261 (SIP), whose response codes the service uses"
OURS = "our reading of the class of the code"

_FINE = "Nothing needs to be done"
_MEDIA = "Check that the media ports and addresses of the Teams services are open for the bot, and its media settings"
_TRANSFER = "The call is still established; check that the transfer target exists and can be reached, then try again"
_ANOTHER_TIME = "Try again later, or call another target"
_SOUND = "Check that its address can be fetched over https, and that it is a WAV file: mono, 16 bit, 16 kHz"
_NUMBER = "Check that the number exists, is assigned, and is written with a plus and the country code"
_ROUTING = "Check the direct routing of the tenant and the log of its session border controller"
_REGISTRATION = (
    "Check that the application is registered as a calling bot of this tenant and that calling is enabled for it"
)
_SUPPORT = (
    "Try again; if it stays, ask Microsoft's support, with the call id, the request id and the DiagCode of the message"
)


def _table(source: str, rows: dict[tuple[int, int], tuple[str, str]]) -> dict[tuple[int, int], Entry]:
    return {key: Entry(meaning, remedy, source) for key, (meaning, remedy) in rows.items()}


CALL_ENDS = _table(
    DELETE_CALL,
    {
        (200, 4097): ("The other party hung up", _FINE),
        (200, 4521): ("The other party of this peer-to-peer call hung up", _FINE),
        (200, 5000): ("Another participant removed the bot from the call", "Join again only if that was a mistake"),
        (200, 5001): ("The conversation ended", _FINE),
        (200, 5002): ("No other participant was left in the call", _FINE),
        (200, 5003): ("The conversation ended", _FINE),
        (200, 5007): ("The person who started the call left it, and so it ended", _FINE),
        (200, 5010): ("Only one participant was left, and so the call ended", _FINE),
        (200, 5012): ("The roster of the call was empty, and so it ended", _FINE),
        (200, 5013): ("No other participant joined the call", "Check the targets and whether they were available"),
        (200, 5014): ("No host could be found for the call", "Check that the organizer of the meeting exists"),
        (200, 5020): ("Only hidden participants were left, and so the call ended", _FINE),
        (200, 5030): ("The time of the breakout room was over", _FINE),
        (200, 5300): ("Another participant removed the bot from the call", "Join again only if that was a mistake"),
        (200, 5855): (
            "No participant admitted the bot from the lobby in time",
            "Let a participant admit it, or change the lobby settings of the meeting",
        ),
        (200, 7000): ("The bot ended the call", _FINE),
        (200, 10550): ("The bot ended the call", _FINE),
        (200, 7015): ("The call was transferred, and the bot's part of it ended", _FINE),
        (200, 18503): ("The other party left this peer-to-peer call", _FINE),
        (200, 540000): ("The person on the phone hung up", _FINE),
        (200, 560000): ("The person on the phone hung up", _FINE),
        (408, 8537): (
            "The service heard no keepAlive from the bot for too long",
            "Send keepAlive every 15 minutes; the service ends a call after 45 minutes without one",
        ),
        (408, 1106): (
            "The service did not acknowledge in time that the call was accepted",
            "Try again; check the network between the bot's media and the service",
        ),
        (408, 10057): (
            "The callee's side stopped answering while the call was set up",
            "Most likely it lost its network or was closed; try again",
        ),
        (410, 301005): ("The media connection was lost or could not be made", _MEDIA),
        (480, 10037): (
            "The callee has no device or program signed in",
            "Check the id of the target, and that the callee is signed in to Teams",
        ),
        (480, 10076): ("The callee could not be reached", "Check that the callee is online; " + _ANOTHER_TIME.lower()),
        (480, 10134): (
            "There is no route to the callee",
            "Check the id or number of the target, and the calling policies of its tenant",
        ),
        (480, 10199): (
            "Private calling is switched off for the callee",
            "An administrator can allow it in the callee's Teams calling policy",
        ),
        (500, 1005): ("The bot's media could not connect", _MEDIA),
    },
)

SHOWN = _table(
    EXAMPLES,
    {
        (100, 20): ("It goes on", "Wait for the notification of its end"),
        (200, 0): ("It was done", _FINE),
        (200, 8515): ("The recording reached its longest duration", "Allow more with maxRecordDurationInSeconds"),
        (400, 8508): ("The operation was cancelled before it was done", "Start it again if that was not meant"),
        (500, 7000): ("The transfer failed", _TRANSFER),
        (500, 7700): ("The transfer failed", _TRANSFER),
    },
)

SEEN = _table(
    CAPTURES,
    {
        (500, 7106): ("The service could not go on with the call", _SUPPORT),
        (500, 3003): ("The service could not go on with the call", _SUPPORT),
        (500, 560500): ("The phone network failed", "Check the number and the phone system of the tenant; try again"),
        (408, 13025): ("Something took too long, and the call was given up", "Try again; " + _SUPPORT[11:]),
        (400, 2203): ("The service refused what was asked of the call", "Compare the request with the documentation"),
        (400, 8541): ("The callee could not be reached", "Check that the callee is online; " + _ANOTHER_TIME.lower()),
        (500, 7112): ("The media of the bot could not be added to the call", _MEDIA),
        (500, 1203002): ("The media of the bot could not join the call", _MEDIA),
        (500, 1004): ("No path for the media was found", _MEDIA),
        (500, 3002): ("The service could not go on with the call", _SUPPORT),
        (500, 7117): ("The service could not go on with the call", _SUPPORT),
        (500, 1999): ("The service failed during the call", _SUPPORT),
        (500, 9999): ("The service failed for an unknown reason", _SUPPORT),
        (412, 10073): ("The invited participant could not be called", _ANOTHER_TIME),
        (403, 10151): (
            "The invited participant may not be called",
            "Check the calling policies of the participant and of the application",
        ),
        (400, 8506): ("Only a compliance recorder may do this", "Use a bot with a compliance recording policy"),
    },
)

RELATED = _table(
    AZURE,
    {
        (403, 560403): ("The call was forbidden or rejected", "Check the number, and what the tenant may call"),
        (404, 4500): ("There is no such call, or it has ended", "Check the call id"),
        (404, 8522): ("There is no such call or participant (any more)", "Check the ids; the call may have ended"),
        (408, 4506): ("The callee did not answer in time", _ANOTHER_TIME),
        (410, 301004): ("The media connection could not be made", _MEDIA),
        (480, 10077): ("The callee was not online", _ANOTHER_TIME),
        (480, 10078): ("The callee's device could not be reached", _ANOTHER_TIME),
        (480, 560480): ("The phone was not answered", _ANOTHER_TIME),
        (484, 560484): (
            "The phone number is not complete or not valid",
            "Write it with a plus and the country code, like +14255550100",
        ),
        (486, 8539): ("The callee was busy", _ANOTHER_TIME),
        (486, 560486): ("The phone was busy", _ANOTHER_TIME),
        (487, 0): ("The caller cancelled the call before it was answered", _FINE),
        (487, 10003): ("Another device of the callee took the call", _FINE),
        (487, 10004): (
            "The target did not answer in time",
            "Let it ring longer (ringingTimeoutInSeconds, at most 115), try later, or call another target",
        ),
        (487, 10024): ("The callee declined the call", "That is a person's choice; " + _ANOTHER_TIME.lower()),
        (487, 540487): ("The caller cancelled the call before it was answered", _FINE),
        (400, 8501): (
            "The call is not in a state that allows the operation",
            "Wait until the call is established, and do not request operations after its end",
        ),
        (403, 7503): ("The application was refused", _REGISTRATION),
        (403, 7504): (
            "The permissions of the application do not suffice",
            "Let an administrator consent to the permission of the operation, and sign in again for a new token",
        ),
        (403, 7505): (
            "The call belongs to another tenant than the token",
            "Use the tenant of the meeting or the callee in tenantId and for the sign-in; a call to an application of "
            "another tenant is refused as well",
        ),
        (403, 7507): (
            "The caller in the request is not the application's own identity",
            "Link the application instance of the source to the application that signs in",
        ),
        (403, 8560): ("The meeting is locked, so the bot cannot join", "Let the organizer unlock the meeting"),
        (404, 8561): ("The id of the meeting is not valid", "Check joinMeetingId and the passcode in the invitation"),
        (400, 8509): ("The recording ended after silence", "Allow more with initialSilenceTimeoutInSeconds"),
        (200, 8510): ("The recording ended, since nothing more was said", _FINE),
        (500, 8511): ("The prompt could not be played", _SOUND),
        (500, 8512): ("The beep before the recording could not be played", _SUPPORT),
        (500, 8513): ("No sound came from the other side", _MEDIA),
        (200, 8514): ("A stop tone was pressed", _FINE),
        (400, 8523): (
            "A parameter of the request is not valid",
            "Correct the parameter in the message; a transfer in a meeting is not possible",
        ),
        (400, 8526): ("The token of the meeting is not valid", "Take a new token from the incoming call"),
        (400, 8527): ("The join link of the meeting is not valid", "Copy the link from the invitation again"),
        (400, 8528): ("The call has ended", "Request operations while the call exists"),
        (400, 8535): ("The format of the sound is not valid", _SOUND),
        (400, 8536): ("The sound could not be downloaded", _SOUND),
        (603, 8538): ("The callee declined the call", "That is a person's choice; " + _ANOTHER_TIME.lower()),
        (600, 8540): ("The callee was busy everywhere", _ANOTHER_TIME),
        (480, 8541): ("The callee was not available", _ANOTHER_TIME),
        (487, 8542): ("The call was cancelled before it was answered", "Try again if that was not meant"),
        (481, 8543): ("The call does not exist (any more)", "Place a new call"),
        (408, 8544): (
            "The callee could not be reached",
            "Check that the callee is online; if the bot had answered, check the bot's media",
        ),
        (400, 8585): (
            "The operation is not valid in the present state of the call",
            "Wait until the call is established, then try again",
        ),
        (408, 8586): (
            "The bot did not acknowledge the incoming call",
            "Respond to the notification at once with a 2xx status, and check the callback URL",
        ),
        (408, 8587): (
            "The bot did not answer the incoming call in time",
            "Answer within 15 seconds, or within 5 seconds as a compliance recorder",
        ),
        (403, 510403): (
            "The telephone network blocked the call",
            "Check that the caller has a number of its own, and what the tenant may call",
        ),
        (403, 511532): ("The direct routing of the tenant is not configured", _ROUTING),
        (404, 560404): ("The phone number was not found", _NUMBER),
        (404, 511404): ("The phone number or its owner was not found", _NUMBER),
        (408, 560408): ("The phone did not answer the setup of the call in time", _ROUTING + "; try again later"),
        (408, 500001): ("The telephone gateway did not answer in time", _ROUTING + "; try again later"),
        (410, 531004): ("No path for the media of the phone call was found", _MEDIA),
        (486, 540486): ("The phone was busy", _ANOTHER_TIME),
        (487, 560487): ("The caller cancelled the call before it was answered", _FINE),
        (497, 560487): ("The caller cancelled the call before it was answered", _FINE),
        (503, 560503): ("The telephone network failed", _ROUTING + "; try again later"),
        (603, 560603): ("The phone declined the call", "That is a person's choice; " + _ANOTHER_TIME.lower()),
        (603, 0): ("The callee declined the call", "That is a person's choice; " + _ANOTHER_TIME.lower()),
    },
)

RESULTS: dict[tuple[int, int], Entry] = {**RELATED, **SEEN, **SHOWN, **CALL_ENDS}
"""Explanations by code and subcode."""

WORDS: dict[str, Entry] = {
    word.lower(): Entry(meaning, remedy, PAGES_2018)
    for word, meaning, remedy in (
        ("AppInitiated", "The bot ended the call", _FINE),
        ("AppRedirected", "The bot redirected the call, and so its part of it ended", _FINE),
        ("AppTransferred", "The call was transferred, and the bot's part of it ended", _FINE),
        ("transferring", "The transfer is going on", "Wait for the notification that it was accepted or failed"),
        ("transferAccepted", "The transfer was accepted", _FINE),
        ("completedSuccessfully", "It was done", _FINE),
        ("completedSilenceDetected", "The recording ended, since nothing more was said", _FINE),
        ("mediaOperationCanceled", "It was cancelled before it was done", "Start it again if that was not meant"),
        ("operationCanceled", "It was cancelled before it was done", "Start it again if that was not meant"),
        ("stopToneDetected", "The recording ended, since a stop tone was pressed", _FINE),
        (
            "maxRecordDurationReached",
            "The recording reached its longest duration",
            "Allow more with maxRecordDurationInSeconds",
        ),
        (
            "initialSilenceTimeout",
            "The recording ended after silence",
            "Allow more with initialSilenceTimeoutInSeconds, or say more clearly when to speak",
        ),
        ("maxSilenceTimeout", "The recording ended, since nothing more was said", _FINE),
        ("playPromptFailed", "The prompt before the recording could not be played", _SOUND),
        ("playBeepFailed", "The beep before the recording could not be played", _SUPPORT),
        ("mediaReceiveTimeout", "No sound came from the other side", _MEDIA),
        ("unspecifiedError", "It failed, and the service does not say why", _SUPPORT),
    )
}
"""Explanations of beta's words in lower case: subcodes, completion reasons and termination reasons."""

CODES: dict[int, Entry] = {
    code: Entry(meaning, remedy, SIP)
    for code, meaning, remedy in (
        (400, "The service could not accept the request", "Compare it with the documentation of the operation"),
        (401, "The bot did not prove who it is", "Sign in again, and check the application's id and secret"),
        (403, "The call was forbidden", "Check the permissions of the application and their admin consent"),
        (404, "The callee or the call does not exist", "Check the ids in the request"),
        (408, "No answer in time", _ANOTHER_TIME),
        (409, "The request conflicts with another one", "Wait for the other one to be done, then try again"),
        (410, "The media connection failed", _MEDIA),
        (429, "There were too many requests or calls", "Wait, then try again; at most 100 calls at a time"),
        (480, "The callee cannot be reached at the moment", _ANOTHER_TIME),
        (481, "The service knows nothing of this call (any more)", "Place a new call"),
        (484, "The number or id of the callee is not complete", "Write phone numbers with a plus and the country code"),
        (486, "The callee was busy", _ANOTHER_TIME),
        (487, "The call was cancelled before it was answered", "Try again if that was not meant"),
        (488, "The two sides have no kind of media in common", "Check requestedModalities and mediaConfig"),
        (500, "The service failed", _SUPPORT),
        (503, "The service is not available at the moment", "Wait, then try again"),
        (504, "A part of the service did not answer in time", "Wait, then try again"),
        (600, "The callee was busy everywhere", _ANOTHER_TIME),
        (603, "The callee declined the call", "That is a person's choice; " + _ANOTHER_TIME.lower()),
        (604, "The callee does not exist anywhere", "Check the number or id of the target"),
    )
}
"""Explanations of codes with a missing or unknown subcode."""

CLASSES: dict[int, Entry] = {
    0: Entry("It ended without an error", _FINE, OURS),
    1: Entry("It goes on", "Wait for the notification of its end", OURS),
    2: Entry("It ended without an error", _FINE, OURS),
    4: Entry("It failed because of the request, the caller or the callee", "Check the request and the target", OURS),
    5: Entry("It failed inside the service", _SUPPORT, OURS),
    6: Entry("The callee refused the call or cannot take it", _ANOTHER_TIME, OURS),
}
"""Explanations of classes of unknown codes, by the hundreds."""

NOTHING_SAID = Entry(
    "The service gave no result code", "Look at the last notification of the call in notifications()", OURS
)
MEANINGLESS = Entry(
    "The service gave a result code that is not known", "Look at the message of the result, and at its raw item", OURS
)
