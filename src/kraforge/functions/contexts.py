"""The context functions: a whole measure, evaluated in another context."""

from __future__ import annotations

from kraforge.functions.declaration import ContextFunction

CONTEXTS = (
    ContextFunction("prior", ("length or number of periods",), "One period, several, or a length of the calendar earlier.", "prior(revenue, 1 year)"),
    ContextFunction("next", ("length or number of periods",), "One period, several, or a length of the calendar later.", "next(revenue)"),
    ContextFunction("trailing", ("length",), "Over a length that ends with the period's last day.", "trailing(revenue, 3 months)"),
    ContextFunction("to_date", ("unit",), "From the start of the year, half, quarter, month or week to the period's end.", "to_date(revenue, year)"),
    ContextFunction("ever", (), "From the beginning to the period's end.", "ever(sum(invoices.open_amount))"),
    ContextFunction("within", ("range of dates",), "Between two dates, also dates of the outer row.", "within(any(invoices), onboarded_on ..< onboarded_on + 90 days)"),
    ContextFunction("anytime", (), "Without a period, also rows without an event date.", "anytime(min(invoices.issued_on))"),
    ContextFunction("overall", ("dimensions, dimension -> coarser one, or period",), "Without grouping, without some dimensions, at coarser ones, or over the request's whole window.", "overall(revenue, lane)"),
    ContextFunction("each", ("unit or dimension", "aggregate"), "For the parts of a period or the members of a dimension, then aggregated.", "each(revenue, month, avg)"),
    ContextFunction("matched", (), "Earlier periods end where as_of cuts this one: like for like.", "matched(growth(revenue))"),
    ContextFunction("growth", ("length or number of periods",), "(x - prior(x)) / abs(prior(x)).", "growth(revenue)"),
    ContextFunction("change", ("length or number of periods",), "x - prior(x).", "change(churn)"),
    ContextFunction("share", ("what overall takes",), "x / overall(x).", "share(revenue)"),
    ContextFunction("rank", (), "The rank among the groups of a period, 1 the best; ties share it.", "rank(revenue)"),
    ContextFunction("blend", ("measure -> weight",), "The weighted mean of what is present.", "blend(csat -> 40%, nps -> 60%)"),
)  # fmt: skip
