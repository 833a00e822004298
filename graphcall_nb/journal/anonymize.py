"""Replacement of personal data and secrets in records. Equal values get equal masks.

The walk over JSON keeps the members of :data:`KEPT`, whose values are ids, times and words of the API, and replaces the
text in every other member: a member that Graph adds later is private until it is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, urlsplit

import msgspec

from ..graph.base import SECRET_FIELDS
from .columns import NotificationColumns
from .journal import Journal
from .records import NotificationRecord, RequestRecord

NAMES = {"displayName": "Person", "givenName": "Person", "surname": "Person", "subject": "Subject"}
"""Members of Graph entities with names or free text, and the word that their masks begin with."""

SECRETS = SECRET_FIELDS | {"tone", "tones", "pin", "password", "sharedAccessSignature", "authorization"}
"""Members whose values are replaced, of any type: credentials, and the keys that a callee pressed."""

PATHS = frozenset({"resource", "resourceUrl", "@odata.id", "@odata.context", "@odata.nextLink"})
"""Members with the path of a resource: it stays, and the query is removed."""

KEPT = frozenset(
    """
    id tenantId appId call_id callId callChainId threadId messageId replyChainMessageId resourceId participantId
    myParticipantId endpointId replacesCallId observedParticipantId sourceId sourceParticipantId policyHolderId
    policyHolderTenantId correlationId request_id client_request_id request-id client-request-id @odata.etag etag

    createdDateTime lastActionDateTime date serverTimestamp

    @odata.type changeType change_type entity state callState direction status operation method error code subcode
    subCode reason terminationReason completionReason mediaType audio video videoBasedScreenSharing data
    activeModalities active_modalities requestedModalities modalities modality callType role meetingRole endpointType
    endPointType identityProvider participationMethod region mediaHostedRegion languageId language countryCode
    clientVersion platform productFamily routingPolicies targetDisposition recordingFormat recordingStatus
    removedState label screenSharingRole mode
    """.split()  # noqa: SIM905 - a list of eighty names is harder to read
)
"""Ids, times and words of the API. Their values stay, apart from numbers, mail addresses and known names in them."""

_SECRET = "***"  # noqa: S105 - the mask
_is_word = re.compile(r"[\w#.:@/+=\"-]{1,400}").fullmatch
_is_guid = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}").fullmatch
_MESSAGE_PARTS = re.compile(r"DiagCode: ?\d+")
"""The part of a message that explains a result; the rest is free text."""

_ROWS_PER_CHUNK = 20_000

_JSON_FIELDS = ("raw", "request_body", "response_body")
"""Fields of records with JSON text, in the order in which names are numbered."""

_MEMBERS = {"result_message": "message", "url": "resource"}
"""Members of JSON that some fields correspond to."""

Record = TypeVar("Record", NotificationRecord, RequestRecord)

# International, also with separators: +1 (425) 555-0100. Digits without a plus are a number only after "tel:".
_NUMBER = re.compile(r"(?:\+|%2[Bb])[1-9](?:[ ().-]{0,2}\d){6,14}|(?<=\btel:)\d{7,15}")
_DIGITS = re.compile(r"(?<![\w.+-])\d{7,15}(?![\w-])")
# The id of a chat thread has an @ too, but is not a mail address.
# Addresses without anything between them are one match, so a search takes linear time.
_DOMAIN = r"(?:@|%40)(?!thread\b|unq\b)[\w-]+(?:\.[\w-]+)+"
_MAIL = re.compile(rf"(?<![\w.+-])[\w.+-]++{_DOMAIN}(?:[\w.+-]++{_DOMAIN})*")
_MIN_NAME_LENGTH = 3
"""A shorter name is replaced only as a whole value: within text it could be a part of words."""


class Anonymizer:
    """Replacement of personal data and secrets. Call :meth:`learn` with all records before the first :meth:`mask`.

    Ids stay, because they link the records; they have a meaning only inside the tenant.

    Examples
    --------
    >>> anonymizer = Anonymizer()
    >>> anonymizer.mask_json('{"id": "57", "passcode": "p4ss", "targets": [{"displayName": "Ann Smith"}]}')
    '{"id":"57","passcode":"***","targets":[{"displayName":"Person 1"}]}'
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._spellings: dict[str, str] = {}  # names as they occur within text and URLs
        self._folded_spellings: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._number_masks: set[str] = set()
        self._mails: dict[str, str] = {}
        self._name_pattern: re.Pattern[str] | None = None

    def learn(self, record: NotificationRecord | RequestRecord) -> None:
        """Collect the names and numbers in the JSON texts of a record."""
        for name in _JSON_FIELDS:
            self._learn(_parse_json(getattr(record, name, None)))

    def _learn(self, value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                self._learn(item)
        if not isinstance(value, dict):
            return
        for name, item in value.items():
            if name in NAMES and isinstance(item, str) and item:
                self._mask_name_value(name, item)
            elif name == "phone" and isinstance(item, dict) and isinstance(item.get("id"), str):
                self._mask_number(item["id"])
            self._learn(item)

    def mask(self, record: Record) -> Record:
        """Return the record with all personal data and secrets replaced."""
        fields = zip(record._fields, record, strict=True)
        return type(record)(*(self._mask_field(name, value) for name, value in fields))

    def _mask_field(self, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if name in _JSON_FIELDS:
            return self.mask_json(value)
        if name == "answered_by":  # a name, a number or an id
            return self._numbers.get(value) or (
                value if _is_guid(value) else self._mask_name_value("displayName", value)
            )
        return self._mask_value(_MEMBERS.get(name, name), value)

    def mask_json(self, text: str) -> str:
        """Return a JSON text with all personal data and secrets replaced; an empty object for any other text."""
        return msgspec.json.encode(self._mask_value("", _parse_json(text))).decode()

    def _compile_names(self) -> re.Pattern[str]:
        """Return a pattern for the names, also in other letter case and as they occur in URLs."""
        for name, mask in self._names.items():
            if len(name) >= _MIN_NAME_LENGTH:
                for spelling in (name, quote(name), quote_plus(name)):
                    self._spellings.setdefault(spelling, mask)
                    self._folded_spellings.setdefault(spelling.casefold(), mask)
        longest_first = "|".join(map(re.escape, sorted(self._spellings, key=len, reverse=True))) or r"(?!)"
        # In other letter case only as whole words: the name Ann must not change the word "planned".
        return re.compile(rf"{longest_first}|(?<!\w)(?i:{longest_first})(?!\w)")

    def _mask_value(self, name: str, value: Any) -> Any:
        """Return the value of a member without private content; the elements of a list belong to its member."""
        if name in SECRETS:
            return _SECRET if value else value
        if isinstance(value, dict):
            if name == "phone" and isinstance(value.get("id"), str):
                value = value | {"id": self._mask_number(value["id"])}
            return {self.mask_text(key): self._mask_value(key, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._mask_value(name, item) for item in value]
        return self._mask_member(name, value) if isinstance(value, str) and value else value

    def _mask_member(self, name: str, text: str) -> str:
        if name in NAMES:
            return self._mask_name_value(name, text)
        if name in PATHS:
            return self.mask_text(_cut_query(text))
        if name == "message":
            return " ".join(_MESSAGE_PARTS.findall(text)) or _SECRET
        is_kept = name in KEPT and all(map(_is_word, text.split(", ")))
        return self.mask_text(text) if is_kept else _SECRET

    def _mask_name_value(self, name: str, text: str) -> str:
        return self._names.get(text) or self._names.setdefault(text, f"{NAMES[name]} {len(self._names) + 1}")

    def mask_text(self, text: str) -> str:
        """Return a text with numbers, mail addresses and learned names replaced."""
        self._name_pattern = self._name_pattern or self._compile_names()
        mask = self._names.get(text) or self._numbers.get(text)
        if mask:
            return mask
        text = _NUMBER.sub(lambda match: self._mask_number(match[0]), text)
        text = _DIGITS.sub(lambda match: self._numbers.get(match[0], match[0]), text)
        if "@" in text or "%40" in text:
            text = _MAIL.sub(self._mask_mail, text)
        # Names occur only in sentences and in queries of URLs. Most texts are ids and plain URLs.
        if self._name_pattern is not None and (" " in text or ("://" in text and "?" in text)):
            text = self._name_pattern.sub(self._mask_name, text)
        return text

    def _mask_name(self, match: re.Match[str]) -> str:
        return self._spellings.get(match[0]) or self._folded_spellings.get(match[0].casefold(), "Person")

    def _mask_number(self, number: str) -> str:
        """Return a mask that starts with zero, as no country code does."""
        digits = re.sub(r"\D", "", number.replace("%2B", "").replace("%2b", ""))
        mask = self._numbers.setdefault(digits or number, f"+{len(self._number_masks) + 1:011d}")
        self._number_masks.add(mask)
        return self._numbers.setdefault(number, mask)

    def _mask_mail(self, match: re.Match[str]) -> str:
        mail = match[0].replace("%40", "@").casefold()
        return self._mails.setdefault(mail, f"person-{len(self._mails) + 1}@masked.example")


def _cut_query(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return _SECRET
    host = parts.netloc.rpartition("@")[2]
    return (f"{parts.scheme}://{host}" if host else "") + parts.path


def _parse_json(text: str | None) -> Any:
    """Return the value in a JSON text; an empty object for an empty, invalid or too deeply nested text."""
    try:
        return msgspec.json.decode(text) if text else {}
    except (msgspec.MsgspecError, RecursionError):
        return {}


class MaskedJournal:
    """The reading side of a journal, with personal data and secrets replaced in every record.

    Parameters
    ----------
    journal : to read; all of it is read once to learn the names and numbers
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._anonymizer = Anonymizer()
        after = 0
        while records := journal.read(after, _ROWS_PER_CHUNK):
            after = records[-1].seq
            for record in records:
                self._anonymizer.learn(record)
        for request in journal.read_requests():
            self._anonymizer.learn(request)

    def read(self, *position: int, **condition: Any) -> list[NotificationRecord]:
        """Return masked notifications; see :meth:`.Journal.read`."""
        return [self._anonymizer.mask(record) for record in self._journal.read(*position, **condition)]

    def read_columns(self, *position: int, **condition: Any) -> NotificationColumns:
        """Return masked notifications as columns; see :meth:`.Journal.read_columns`."""
        return NotificationColumns.from_records(self.read(*position, **condition))

    def read_requests(self, *position: int, **condition: Any) -> list[RequestRecord]:
        """Return masked requests; see :meth:`.Journal.read_requests`."""
        return [self._anonymizer.mask(request) for request in self._journal.read_requests(*position, **condition)]

    def payloads(self, seqs: Sequence[int]) -> list[str]:
        """Return masked JSON texts by ``seq``; see :attr:`.Journal.payloads`."""
        return [self._anonymizer.mask_json(text) for text in self._journal.payloads(seqs)]
