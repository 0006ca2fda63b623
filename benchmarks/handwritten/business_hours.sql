-- Mean business hours by month: each end of a ticket looked up by one integer of calendar and day.
WITH t AS (
    SELECT date_trunc('month', opened_at)::DATE AS m,
        b.before + greatest(least(y, b.e1) - b.s1, 0) + greatest(least(y, b.e2) - b.s2, 0)
            - a.before - greatest(least(x, a.e1) - a.s1, 0) - greatest(least(x, a.e2) - a.s2, 0) AS seconds
    FROM (
        SELECT opened_at,
            (calendar_id * 100000 + (opened_at::DATE - DATE '1970-01-01'))::INTEGER AS p,
            (calendar_id * 100000 + (resolved_at::DATE - DATE '1970-01-01'))::INTEGER AS q,
            (epoch_us(opened_at) // 1000000) % 86400 AS x, (epoch_us(resolved_at) // 1000000) % 86400 AS y
        FROM tickets WHERE opened_at >= DATE '2023-01-01' AND opened_at < DATE '2026-01-01'
    )
    LEFT JOIN day_table AS a ON a.key = p
    LEFT JOIN day_table AS b ON b.key = q
),
s AS (SELECT m, sum(seconds) / count(seconds) / 3600.0 AS hours FROM t GROUP BY 1)
SELECT k::DATE AS period, s.hours
FROM range(DATE '2023-01-01', DATE '2026-01-01', INTERVAL 1 MONTH) AS r(k) LEFT JOIN s ON s.m = k::DATE
ORDER BY 1
