-- Of a month's billed customers, how many are billed again the month after: one bitmap of months for each customer.
WITH s AS MATERIALIZED (
    SELECT c.segment AS g, w.m,
        count(CASE WHEN months & w.this <> 0 AND months & w.before <> 0 THEN 1 END) AS kept,
        count(CASE WHEN months & w.before <> 0 THEN 1 END) AS base
    FROM (
        SELECT f.customer_id AS member, bit_or(1::BIGINT << (year(f.issued_on) * 12 + month(f.issued_on) - 2024 * 12)) AS months
        FROM invoices AS f
        WHERE f.issued_on >= DATE '2023-12-01' AND f.issued_on < DATE '2026-01-01' AND f.customer_id IS NOT NULL
        GROUP BY 1
    ) JOIN customers AS c ON member = c.customer_id
        JOIN (
            SELECT k + 2024 * 12 AS m, 2::BIGINT << k::INTEGER AS this, 1::BIGINT << k::INTEGER AS before
            FROM range(24) AS r(k)
        ) AS w ON months & w.before <> 0
    GROUP BY 1, 2
),
cells AS (
    SELECT g, k::INTEGER AS m, make_date((k // 12)::INTEGER, (k % 12 + 1)::INTEGER, 1) AS period
    FROM (SELECT DISTINCT segment AS g FROM customers) CROSS JOIN range(2024 * 12, 2026 * 12) AS r(k)
)
SELECT cells.g AS segment, cells.period, s.kept / nullif(s.base, 0) AS retention
FROM cells LEFT JOIN s ON s.g IS NOT DISTINCT FROM cells.g AND s.m = cells.m
ORDER BY 1 NULLS LAST, 2
