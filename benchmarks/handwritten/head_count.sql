-- Employees on each of 36 month ends by team: grouped by the first month end in and the first one out, then spread.
WITH b AS MATERIALIZED (
    SELECT team AS g, greatest(year(hired_on) * 12 + month(hired_on) - 1, 2023 * 12) AS first_in,
        least(coalesce(year(left_on + 1) * 12 + month(left_on + 1) - 1, 2026 * 12), 2026 * 12) AS first_out,
        count(*) AS n
    FROM employees
    WHERE hired_on <= DATE '2025-12-31' AND (left_on IS NULL OR left_on >= DATE '2023-01-31')
    GROUP BY 1, 2, 3
),
cells AS (
    SELECT g, k::INTEGER AS m, make_date((k // 12)::INTEGER, (k % 12 + 1)::INTEGER, 1) AS period
    FROM (SELECT DISTINCT g FROM b WHERE first_in < first_out) CROSS JOIN range(2023 * 12, 2026 * 12) AS r(k)
),
s AS (
    SELECT b.g, w.m, sum(b.n) AS n
    FROM b JOIN range(2023 * 12, 2026 * 12) AS w(m) ON w.m >= b.first_in AND w.m < b.first_out
    GROUP BY 1, 2
)
SELECT cells.g AS team, cells.period, coalesce(s.n, 0)::BIGINT AS head_count
FROM cells LEFT JOIN s ON s.g IS NOT DISTINCT FROM cells.g AND s.m = cells.m
ORDER BY 1 NULLS LAST, 2
