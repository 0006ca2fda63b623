-- For each calendar and day: the seconds worked before it, and the bounds of its two shifts in seconds of the day.
CREATE TABLE day_table AS
WITH s AS (
    SELECT calendar_id, weekday, row_number() OVER (PARTITION BY calendar_id, weekday ORDER BY starts_at) AS n,
        split_part(starts_at, ':', 1)::INTEGER * 3600 + split_part(starts_at, ':', 2)::INTEGER * 60 AS s,
        split_part(ends_at, ':', 1)::INTEGER * 3600 + split_part(ends_at, ':', 2)::INTEGER * 60 AS e
    FROM shifts
),
w AS (
    SELECT calendar_id, weekday, max(s) FILTER (n = 1) AS s1, max(e) FILTER (n = 1) AS e1,
        max(s) FILTER (n = 2) AS s2, max(e) FILTER (n = 2) AS e2
    FROM s GROUP BY 1, 2
),
d AS (
    SELECT c.calendar_id, k.d::DATE AS day,
        CASE WHEN o.day IS NULL THEN coalesce(w.s1, 0) ELSE 0 END AS s1,
        CASE WHEN o.day IS NULL THEN coalesce(w.e1, 0) ELSE 0 END AS e1,
        CASE WHEN o.day IS NULL THEN coalesce(w.s2, 0) ELSE 0 END AS s2,
        CASE WHEN o.day IS NULL THEN coalesce(w.e2, 0) ELSE 0 END AS e2
    FROM (SELECT DISTINCT calendar_id FROM shifts) AS c
    CROSS JOIN range(DATE '2021-01-01', DATE '2029-01-01', INTERVAL 1 DAY) AS k(d)
    LEFT JOIN w ON w.calendar_id = c.calendar_id AND w.weekday = isodow(k.d)
    LEFT JOIN days_off AS o ON o.calendar_id = c.calendar_id AND o.day = k.d::DATE
)
SELECT (calendar_id * 100000 + (day - DATE '1970-01-01'))::INTEGER AS key,
    coalesce(sum(e1 - s1 + e2 - s2) OVER (
        PARTITION BY calendar_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS before,
    s1, e1, s2, e2
FROM d
