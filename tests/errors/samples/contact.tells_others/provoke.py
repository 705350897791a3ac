"""A text for people whom the debt does not concern would speak of it."""

from datetime import date

from arrears.recovery.contact import Channel, Role
from arrears.recovery.known import Template

Template(
    template_id="ask-a-friend",
    text_sha256="0" * 64,
    signed_off_by="A. Counsel",
    expires_on=date(2027, 1, 1),
    locale="zh-CN",
    channels=frozenset({Channel.INTERACTIVE_CALL}),
    audience=frozenset({Role.UNRELATED}),
    asks_for_payment=False,
    threatens=False,
    mentions_debt=True,
    preview_reveals_debt=False,
    verifies_first=False,
    names_lender=False,
    names_creditor=False,
    says_how_to_verify=False,
    says_it_is_ai=False,
    hands_over=False,
    consequences=frozenset(),
)
