"""Cases as data: given tables, requests, and the rows or the error that they give.

A file has `catalog` (a mapping, or the name of a file in catalogs/), `given` (table to rows) and `cases`. A case has a name, the
words of a request, and `expect` or `error`. Short forms: `formula: F` is `kpis: {value: F}`; `expect` is rows as mappings
or as lists (dimensions, period, KPIs in the order asked), a list of figures (one a row), or one figure. Figures may be
written as text: `1/3`, `36 hours`. A case may have `catalog` or `given` of its own, joined into those of its file,
`types` of columns, and a `warning` that the answer comes with.
"""
