"""What the staff read on an offer's page: its times, what was said about it, and the indicators (2.3.1, 2.3.2)."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from cases.models import Offer, Side
from cases.offer_rulings import indicators_of, said_of
from zestech_aftersales.ui.instants import instant_words

NONE = "–"


def offer_times(offer: Offer) -> str:
    """The windows as instants with their offset, one a line."""
    lines = [
        (
            instant_words(window["starts_at"], "wall"),
            instant_words(window["ends_at"]),
            f" ({_('accepted')})" if n == offer.accepted_window else "",
        )
        for n, window in enumerate(offer.shown_windows)
    ]
    return format_html_join("", "<p>{} – {}{}</p>", lines) or NONE


def offer_said(offer: Offer) -> str:
    """The buyer's flag and the platform's rulings with their reasons, one a line."""
    lines = [(line.words, line.reason, instant_words(line.at)) for line in said_of(offer)]
    return format_html_join("", "<p><strong>{}</strong>: {} <small>({})</small></p>", lines) or NONE


def offer_indicators(offer: Offer) -> str:
    """The indicators of an offer of the seller as a table; none of them decides."""
    if offer.side != Side.SELLER:
        return NONE
    rows = [(each.label, each.reading.label, each.why or NONE) for each in indicators_of(offer)]
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table><p>{}</p>",
        format_html_join("", '<th scope="col">{}</th>', [(_("Indicator"),), (_("Reading"),), (_("Why"),)]),
        format_html_join("", '<tr><th scope="row">{}</th><td><strong>{}</strong></td><td>{}</td></tr>', rows),
        _("None of them decides: whether the offer is reasonable is ruled by a person, with reasons."),
    )
