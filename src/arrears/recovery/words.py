"""What a text says, whatever its sender calls it: a debt, a request to pay, a threat, refused phrases.

Found by words, in Chinese and English. It errs on the side of finding: a text that is taken for a
request to pay, and is none, is only sent by stricter rules. What it does not find, whoever signs
the text off must.
"""

from __future__ import annotations

import re
from enum import StrEnum, unique


@unique
class RefusedPhrase(StrEnum):
    """What no text may say to anybody."""

    BORROW_ELSEWHERE = "borrow_elsewhere"
    ASK_RELATIVES = "ask_relatives"
    SELL_NECESSITIES = "sell_necessities"
    FALSE_DEADLINE = "false_deadline"
    COURT_STYLE = "court_style"  #: of courts and officials, and whatever speaks of punishment


_REFUSED = {
    RefusedPhrase.BORROW_ELSEWHERE: (
        r"borrow (from|elsewhere|money)|another loan|new loan to|cash advance|take out a loan",
        r"(向|找|从)(其他|别的|别处).{0,6}(借|贷)|借新还旧|以贷养贷|再借一笔|套现|周转一下",
    ),
    RefusedPhrase.ASK_RELATIVES: (
        (
            r"(ask|borrow from|tell|call) (your|his|her|their)? ?(parents?|family|relatives?|friends?|"
            r"employer|colleagues?|spouse)"
        ),
        r"(向|找|让|叫|联系|告诉|通知)(你|您)?的?(父母|家人|亲戚|亲友|朋友|配偶|单位|同事|领导)",
    ),
    RefusedPhrase.SELL_NECESSITIES: (
        r"sell (your )?(car|home|house|furniture|phone|belongings|things|jewell?ery|blood)",
        r"(变卖|卖掉|卖了|典当)|卖(房|车|手机|家具|家电|首饰|血)",
    ),
    RefusedPhrase.FALSE_DEADLINE: (
        (
            r"last (chance|warning|notice)|final (chance|warning|notice|demand)|immediately or|"
            r"or else|within \d+ (hours?|minutes?)|before (noon|midnight) today|act now|expires today"
        ),
        (
            r"最后(通牒|警告|通知|一次机会|机会|期限)|立即.{0,8}否则|后果自负|限(你|您)|"
            r"\d+(个)?(小时|分钟)(之)?内|今天(之)?内|今日内|下班前|逾期不候"
        ),
    ),
    RefusedPhrase.COURT_STYLE: (
        (
            r"summons|subpoena|warrant|arrest|police|prosecut|prison|jail|bailiff|criminal|"
            r"court (order|notice)|hereby (ordered|notified|demand)|case (number|no\.)"
        ),
        (
            r"传票|传唤|立案|公安|警方|报警|逮捕|拘留|坐牢|刑事|犯罪|诈骗|律师函|失信|老赖|强制执行|查封|"
            r"(法院|检察院)(通知|公告|传)|案号|特此(通知|告知|命令)|责令"
        ),
    ),
}
_DEBT = (
    (
        r"\bdebts?\b|\bowe[ds]?\b|overdue|arrears|past due|\bdue\b|repay|instal?ments?|\bloans?\b|"
        r"unpaid|penalty|collection|credit (bureau|record|line)|outstanding|settle"
    ),
    r"欠|逾期|还款|还清|债|贷款|借款|催收|账单|分期|征信|罚息|未还|到期|结清|额度|滞纳",
)
_ASKS = (
    (
        r"please (re)?pay|must (re)?pay|(re)?pay (now|it|us|this|the|your|at once|immediately|today)|"
        r"make (a|your|the) payment|settle (now|it|your|the)|we ask you to pay|transfer the"
    ),
    (
        r"请.{0,14}(还款|付款|支付|偿还|归还|还清|结清|缴|转账|存入)|(须|应|必须|务必|尽快|立即|马上|抓紧).{0,10}"
        r"(还款|付款|支付|偿还|归还|还清|结清|缴)"
    ),
)
_THREATENS = (
    (
        r"will be (reported|sued|handed|placed|frozen|called in)|we will (sue|report|take|hand|visit)|"
        r"or else|otherwise|consequences|legal action|go to court|lawsuit"
    ),
    r"否则|后果|起诉|诉讼|上门|将(会)?(报送|上报|委托|移交|冻结|提前到期|采取)|追究|法律责任|曝光",
)


def refused_phrases(text: str) -> frozenset[RefusedPhrase]:
    """The kinds of phrases in a text that are never sent.

    Example:
        >>> sorted(refused_phrases("This is your last warning. Ask your family."))
        [<RefusedPhrase.ASK_RELATIVES: 'ask_relatives'>, <RefusedPhrase.FALSE_DEADLINE: 'false_deadline'>]
    """
    return frozenset(kind for kind, patterns in _REFUSED.items() if _says(text, patterns))


def mentions_debt(text: str) -> bool:
    """Whether whoever reads a text over a shoulder learns that something is owed."""
    return _says(text, _DEBT)


def asks_for_payment(text: str) -> bool:
    """Whether a text asks its reader to pay, however politely."""
    return _says(text, _ASKS)


def threatens(text: str) -> bool:
    """Whether a text announces something that will be done to its reader."""
    return _says(text, _THREATENS)


def _says(text: str, patterns: tuple[str, ...]) -> bool:
    return any(re.search(each, text, re.IGNORECASE) for each in patterns)
