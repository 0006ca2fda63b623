-- Revenue by year of whoever owned the customer on the day: an as-of join, whose match may have ended before.
WITH s AS (
    SELECT CASE WHEN o.valid_to IS NULL OR i.issued_on < o.valid_to THEN o.employee_id END AS owner,
        year(i.issued_on) AS y, sum(i.net_amount::DECIMAL(38, 2)) AS revenue
    FROM invoices AS i
    ASOF LEFT JOIN owners AS o ON o.customer_id = i.customer_id AND i.issued_on >= o.valid_from
    WHERE i.issued_on >= DATE '2023-01-01' AND i.issued_on < DATE '2026-01-01'
    GROUP BY 1, 2
),
cells AS (SELECT owner, y FROM (SELECT DISTINCT owner FROM s) CROSS JOIN range(2023, 2026) AS r(y))
SELECT cells.owner, make_date(cells.y::INTEGER, 1, 1) AS period, coalesce(s.revenue, 0) AS revenue
FROM cells LEFT JOIN s ON s.owner IS NOT DISTINCT FROM cells.owner AND s.y = cells.y
ORDER BY 1 NULLS LAST, 2
