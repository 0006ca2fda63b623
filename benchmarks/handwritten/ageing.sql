-- What is receivable at each of 36 month ends by days overdue: signed rows by due day and first month, then spread.
WITH t AS MATERIALIZED (
    SELECT due_on, m, sum(amount) AS amount
    FROM (
        SELECT due_on, greatest(year(issued_on) * 12 + month(issued_on) - 1, 2023 * 12) AS m, gross AS amount
        FROM invoices WHERE issued_on < DATE '2026-01-01'
        UNION ALL
        SELECT i.due_on,
            greatest(
                year(i.issued_on) * 12 + month(i.issued_on) - 1, year(a.allocated_on) * 12 + month(a.allocated_on) - 1, 2023 * 12
            ),
            -a.amount
        FROM allocations AS a JOIN invoices AS i ON a.invoice_id = i.invoice_id
        WHERE i.issued_on < DATE '2026-01-01' AND a.allocated_on < DATE '2026-01-01' AND i.gross IS NOT NULL
    )
    GROUP BY 1, 2
),
months AS (
    SELECT k AS m, make_date((k // 12)::INTEGER, (k % 12 + 1)::INTEGER, 1) AS period,
        last_day(make_date((k // 12)::INTEGER, (k % 12 + 1)::INTEGER, 1)) AS valued
    FROM range(2023 * 12, 2026 * 12) AS r(k)
),
s AS MATERIALIZED (
    SELECT CASE WHEN months.valued - t.due_on <= 0 THEN '..0' WHEN months.valued - t.due_on <= 30 THEN '1..30'
            WHEN months.valued - t.due_on <= 60 THEN '31..60' WHEN months.valued - t.due_on <= 90 THEN '61..90' ELSE '91..' END AS ageing,
        months.period, sum(t.amount) AS receivable
    FROM t JOIN months ON months.m >= t.m
    GROUP BY 1, 2
)
SELECT g.ageing, months.period, coalesce(s.receivable, 0) AS receivable
FROM (SELECT DISTINCT ageing FROM s) AS g CROSS JOIN months
    LEFT JOIN s ON s.ageing = g.ageing AND s.period = months.period
ORDER BY 1, 2
