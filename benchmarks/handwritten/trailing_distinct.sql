-- Customers billed in the twelve months that end with each month: one bitmap of months for each customer.
WITH s AS MATERIALIZED (
    SELECT c.segment AS g, w.m, count(member) AS active
    FROM (
        SELECT f.customer_id AS member,
            bit_or(1::BIGINT << (year(f.issued_on) * 12 + month(f.issued_on) - 2 - 2023 * 12)) AS months
        FROM invoices AS f
        WHERE f.issued_on >= DATE '2023-02-01' AND f.issued_on < DATE '2026-01-01'
        GROUP BY 1
    ) LEFT JOIN customers AS c ON member = c.customer_id
        JOIN (
            SELECT k + 2024 * 12 AS m, 4095::BIGINT << k::INTEGER AS bits FROM range(24) AS r(k)
        ) AS w ON months & w.bits <> 0
    GROUP BY 1, 2
),
cells AS (
    SELECT g, k::INTEGER AS m, make_date((k // 12)::INTEGER, (k % 12 + 1)::INTEGER, 1) AS period
    FROM (SELECT DISTINCT g FROM s) CROSS JOIN range(2024 * 12, 2026 * 12) AS r(k)
)
SELECT cells.g AS segment, cells.period, coalesce(s.active, 0) AS active_customers
FROM cells LEFT JOIN s ON s.g IS NOT DISTINCT FROM cells.g AND s.m = cells.m
ORDER BY 1 NULLS LAST, 2
