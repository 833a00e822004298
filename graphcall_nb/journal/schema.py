"""The tables. Columns that the frames need stand beside the raw item: reading JSON back costs ten times more."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

VERSION = 2
"""Of the schema; kept in the journal. Each version but the first has its steps in ``migrations``."""

metadata = MetaData()

# SQLite numbers rows by itself only for INTEGER; elsewhere that has 32 bits.
_Id = BigInteger().with_variant(Integer, "sqlite")

notifications = Table(
    "notifications",
    metadata,
    Column("seq", _Id, primary_key=True, autoincrement=True),
    Column("received_at_us", BigInteger, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("change_type", Text, nullable=False),
    Column("state", Text),
    Column("direction", Text),
    Column("etag", Text),
    Column("answered_by", Text),
    Column("active_modalities", Text),
    Column("tone", Text),
    Column("result_code", BigInteger),
    Column("result_subcode", BigInteger),
    Column("result_message", Text),
    Column("raw", Text, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, whatever is deleted
)

requests = Table(
    "requests",
    metadata,
    Column("seq", _Id, primary_key=True, autoincrement=True),
    Column("sent_at_us", BigInteger, nullable=False),
    Column("method", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("call_id", Text),
    Column("status", Integer),
    Column("duration_us", BigInteger, nullable=False),
    Column("request_id", Text),
    Column("client_request_id", Text),
    Column("request_body", Text),
    Column("response_body", Text),
    Column("error", Text),
    sqlite_autoincrement=True,
)

about = Table("about", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

# Times only grow, so this index costs a microsecond a row; one of random call ids would cost a page of the file each,
# which only a server's cache makes up for.
by_time = Index("notifications_by_time", notifications.c.received_at_us)
by_call = Index("notifications_by_call", notifications.c.call_id).ddl_if(dialect="postgresql")

NOTIFICATION_COLUMNS: tuple[str, ...] = tuple(map(str, notifications.columns.keys()))
REQUEST_COLUMNS: tuple[str, ...] = tuple(map(str, requests.columns.keys()))
