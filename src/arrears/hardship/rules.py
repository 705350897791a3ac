"""The rules of ways out on a day: each number is a parameter of the pack or of the lender, with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arrears.hardship.affordability import LivingReference
from arrears.hardship.option import Ground, Missing
from arrears.kernel.rates import PPM
from arrears.policy.parameter import Force, Product
from arrears.policy.registry import Purpose
from arrears.policy.value import ValueType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from arrears.hardship.option import OptionType, Treatment
    from arrears.policy.registry import PolicyRegistry, Resolved

#: Whose law a debt stands under, by its currency, for what is done when somebody cannot pay.
PACK_OF_CURRENCY = {"CNY": "cn", "USD": "us", "GBP": "uk", "EUR": "eu"}
BUFFER = "hardship.living_buffer_share"
LIVING_REFERENCE = "hardship.living_reference"
DEFERRAL_DAYS = "hardship.deferral_max_days"
EXTENSION_MONTHS = "hardship.extension_max_months"
EXTENSION_ASKED = "hardship.extension_request"
INTEREST_ONLY_MONTHS = "hardship.interest_only_max_months"
PLAN_MONTHS = "hardship.plan_max_months"
CARD_PLAN_YEARS = "hardship.card_plan_max_term"
FREEZE_MONTHS = "hardship.penalty_freeze_max_months"
WRITE_DOWN = "hardship.writedown_max"
DISCOUNT = "hardship.settlement_discount_max"
BREATHING_DAYS = "hardship.breathing_space_days"
REVIEW_DAYS = "hardship.review_days"
OFFER_DAYS = "hardship.offer_days"
PAYDAY_DAYS = "debit.payday_buffer_days"
OBSERVATION = "classification.restructured_observation"
REDEFAULT_RATES = "hardship.redefault_rates"
REDEFAULT_PAID = "hardship.redefault_paid_share"
PRESENT_PATH = "hardship.present_path_recovery"
#: Without the pack's part of the id; what a pack does not have is not in force there.
NAMES = (
    BUFFER, LIVING_REFERENCE, DEFERRAL_DAYS, EXTENSION_MONTHS, EXTENSION_ASKED,
    INTEREST_ONLY_MONTHS, PLAN_MONTHS, CARD_PLAN_YEARS, FREEZE_MONTHS, WRITE_DOWN, DISCOUNT,
    BREATHING_DAYS, REVIEW_DAYS, OFFER_DAYS, PAYDAY_DAYS, OBSERVATION, REDEFAULT_RATES, REDEFAULT_PAID,
    PRESENT_PATH,
)  # fmt: skip
#: Where somebody can be told to turn to: texts of the pack or the lender, by name.
HELP_DOMAIN = "help"
#: A citation without an address names no source that somebody could look up.
NO_ADDRESS = "none"
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpLine:
    """Somebody to turn to, as the pack or the lender names them, with the source of that."""

    name: str  #: complaint, debt_advice, lender, legal_aid
    text: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the pack and the lender say on one day."""

    pack: str
    product: Product
    resolved: Mapping[str, Resolved]  #: by name without the pack; absent: no rule on the day
    treatments: Mapping[OptionType, Treatment]
    help_lines: tuple[HelpLine, ...]

    def has(self, *names: str) -> bool:
        """Whether all of them may be relied on: in force, and ratified where that is asked for."""
        return all(name in self.resolved and may_rely_on(self.resolved[name]) for name in names)

    def whole(self, name: str) -> int:
        """A whole number of the parameter's unit; the caller asked `has` first."""
        return self.resolved[name].value.as_integer()

    def share_ppm(self, name: str) -> int:
        """A share of 1 in whole ppm; the caller asked `has` first."""
        return int(self.resolved[name].value.as_fraction() * PPM)

    def named(self, name: str) -> Mapping[str, int]:
        """Named whole numbers; the caller asked `has` first."""
        return self.resolved[name].value.as_named_integers()

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a set; the caller asked `has` first."""
        return self.resolved[name].value.as_words()

    def grounds(self, *names: str) -> tuple[Ground, ...]:
        """What an answer rests on, those in force among these names."""
        return tuple(ground_of(self.resolved[name]) for name in names if name in self.resolved)

    @property
    def plan_months_name(self) -> str:
        """Which parameter bounds a re-plan: the card rule for cards, the lender's own for others."""
        return CARD_PLAN_YEARS if self.product is Product.CREDIT_CARD else PLAN_MONTHS

    @property
    def plan_months_max(self) -> int:
        """The longest re-plan, months from signing; the caller asked `has` first."""
        most = self.whole(self.plan_months_name)
        return most * MONTHS_A_YEAR if self.plan_months_name == CARD_PLAN_YEARS else most

    def reference(self) -> LivingReference | None:
        """What living costs at least, where a sourced reference is in force."""
        if not self.has(LIVING_REFERENCE):
            return None
        named = self.named(LIVING_REFERENCE)
        return LivingReference(
            adult_minor=named["adult_minor"],
            dependant_minor=named["dependant_minor"],
            parameter_id=self.resolved[LIVING_REFERENCE].parameter_id,
        )

    def lacking(self, option_type: OptionType, *names: str) -> Missing | None:
        """Why an option is missing for want of a rule; None where it has them all."""
        for name in names:
            if name not in self.resolved:
                return Missing(
                    type=option_type, reason="no_rule", facts={"rule": f"{self.pack}.{name}"}
                )
            if not may_rely_on(self.resolved[name]):
                return Missing(
                    type=option_type,
                    reason="not_ratified",
                    facts={"rule": f"{self.pack}.{name}"},
                    grounds=self.grounds(name),
                )
        return None


def may_rely_on(resolved: Resolved) -> bool:
    """Whether a value may be acted on: an unverified permission of law only once it is ratified."""
    return resolved.force is Force.LENDER_POLICY or not resolved.needs_ratification


def ground_of(resolved: Resolved) -> Ground:
    """A resolved parameter as a reader judges it."""
    return Ground(
        parameter_id=resolved.parameter_id,
        value=resolved.value.text,
        title=resolved.citation.title,
        locator=resolved.citation.locator,
        force=resolved.force,
        status=resolved.status,
        is_ratified=not resolved.needs_ratification,
    )


def rules_on(
    registry: PolicyRegistry,
    day: date,
    *,
    currency: str,
    product: Product,
    treatments: Mapping[OptionType, Treatment],
) -> Rules:
    """The rules for one kind of product on a day, as known on that day.

    Past the day up to which a source was read the last value is carried on: nobody is left without
    a way out because a file is old.

    Args:
        registry: The whole pack, with the lender's own files.
        day: On which the ways out are asked for.
        currency: Code of the debt's.
        product: Its kind, which decides between the card rule and the lender's own.
        treatments: How each type of option is treated.
    """
    pack = PACK_OF_CURRENCY.get(currency, "")
    held = set(registry.ids)

    def resolved(parameter_id: str) -> Resolved | None:
        purpose = Purpose.PROJECTION
        if parameter_id not in held:
            return None
        if not registry.is_in_force(parameter_id, on=day, known_on=day, purpose=purpose):
            return None
        return registry.resolve(parameter_id, on=day, known_on=day, purpose=purpose)

    found = {name: resolved(f"{pack}.{name}") for name in NAMES}
    helping = f"{pack}.{HELP_DOMAIN}."
    lines = []
    for parameter_id in registry.ids:
        each = resolved(parameter_id) if parameter_id.startswith(helping) else None
        if each is None or each.value.type is not ValueType.TEXT:
            continue
        if each.citation.url != NO_ADDRESS:
            lines.append(
                HelpLine(
                    name=parameter_id.removeprefix(helping),
                    text=each.value.text,
                    title=each.citation.title,
                    url=each.citation.url,
                )
            )
    return Rules(
        pack=pack,
        product=product,
        resolved={name: each for name, each in found.items() if each is not None},
        treatments=treatments,
        help_lines=tuple(lines),
    )
