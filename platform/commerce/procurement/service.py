"""The verbs of procurement, as a table of contents: each lives in the file of its subject.

Every verb takes the key of its command and answers a repetition as the first time. The lock order
is the purchase order, which guards its lines, and then the shelves.
"""

from commerce.procurement.asking import (
    Answer,
    ask_supplier,
    record_supplier_answer,
    withdraw_request,
)
from commerce.procurement.drafting import (
    Need,
    approve_order,
    draft_order,
    submit_order,
    void_order,
)
from commerce.procurement.receiving import Received, receive_order, record_delivery
from commerce.procurement.sending import (
    Acknowledgement,
    acknowledge_order,
    cancel_order,
    send_order,
)

__all__ = [
    "Acknowledgement",
    "Answer",
    "Need",
    "Received",
    "acknowledge_order",
    "approve_order",
    "ask_supplier",
    "cancel_order",
    "draft_order",
    "receive_order",
    "record_delivery",
    "record_supplier_answer",
    "send_order",
    "submit_order",
    "void_order",
    "withdraw_request",
]
