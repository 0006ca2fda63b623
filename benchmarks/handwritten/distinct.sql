-- The forty with ten distinct counts, medians and percentiles: the distinct counts of one member share one pass that dedupes.
WITH i AS MATERIALIZED (
    SELECT c.segment AS g, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m,
        sum(f.net_amount) AS revenue,
        sum(f.gross) AS gross,
        sum(CASE WHEN f.status = 'open' THEN f.net_amount END) AS open_revenue,
        sum(CASE WHEN f.status = 'paid' THEN f.net_amount END) AS paid_revenue,
        sum(CASE WHEN f.status = 'posted' THEN f.net_amount END) AS posted_revenue,
        count(*) AS issued,
        count(CASE WHEN f.status = 'open' THEN 1 END) AS open_count,
        count(CASE WHEN f.status = 'void' THEN 1 END) AS void_count,
        sum(CASE WHEN f.channel = 'web' THEN f.net_amount END) AS web_revenue,
        sum(CASE WHEN f.channel = 'shop' THEN f.net_amount END) AS shop_revenue,
        sum(CASE WHEN f.channel = 'phone' THEN f.net_amount END) AS phone_revenue,
        sum(f.quantity) AS units,
        sum(CASE WHEN f.channel = 'web' THEN f.quantity END) AS web_units,
        count(f.net_amount) AS net_count,
        max(f.net_amount) AS largest,
        min(f.net_amount) AS smallest,
        count(CASE WHEN f.net_amount > 2500 THEN 1 END) AS big_count,
        avg(f.discount) AS discount,
        count(CASE WHEN f.discount > 0.5 THEN 1 END) AS discounted,
        sum(CASE WHEN f.channel = 'web' AND f.status = 'paid' THEN f.net_amount END) AS web_paid,
        sum(f.gross - f.net_amount) AS tax,
        median(f.net_amount::DOUBLE) AS median_invoice
    FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
    WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
    GROUP BY 1, 2
),
p AS MATERIALIZED (
    SELECT c.segment AS g, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m,
        sum(f.amount) AS collected,
        sum(f.fee) AS fees,
        sum(CASE WHEN f.method = 'card' THEN f.amount END) AS card,
        sum(CASE WHEN f.method = 'bank' THEN f.amount END) AS bank,
        sum(CASE WHEN f.method = 'cash' THEN f.amount END) AS cash,
        count(*) AS received,
        count(f.amount) AS amount_count,
        max(f.amount) AS largest,
        count(CASE WHEN f.fee IS NULL THEN 1 END) AS free_count,
        median(f.amount::DOUBLE) AS median_payment
    FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
    WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
    GROUP BY 1, 2
),
t AS MATERIALIZED (
    SELECT c.segment AS g, year(f.opened_on) * 12 + month(f.opened_on) - 1 AS m,
        count(*) AS opened,
        count(CASE WHEN f.priority = 'high' THEN 1 END) AS high_count,
        count(f.resolved_on) AS resolved_count,
        avg(f.hours) AS mean_hours,
        max(f.hours) AS longest,
        avg(f.rating) AS mean_rating,
        count(CASE WHEN f.resolved_on <= f.opened_on + 5 THEN 1 END) AS quick_count,
        quantile_cont(f.hours, [0.5, 0.9]) AS hours_at
    FROM tickets AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
    WHERE f.opened_on >= DATE '2024-01-01' AND f.opened_on < DATE '2026-01-01'
    GROUP BY 1, 2
),
ic AS MATERIALIZED (
    SELECT g, m, sum(bits & 1) AS n0, sum((bits >> 1) & 1) AS n1, sum((bits >> 2) & 1) AS n2
    FROM (
        SELECT c.segment AS g, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, f.customer_id AS member,
            bit_or(1 | CASE WHEN f.status = 'open' THEN 2 ELSE 0 END | CASE WHEN f.channel = 'web' THEN 4 ELSE 0 END) AS bits
        FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
        WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01' AND f.customer_id IS NOT NULL
        GROUP BY 1, 2, 3
    )
    GROUP BY 1, 2
),
ii AS MATERIALIZED (
    SELECT g, m, sum(bits & 1) AS n0
    FROM (
        SELECT c.segment AS g, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, f.item_id AS member,
            bit_or(1) AS bits
        FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
        WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01' AND f.item_id IS NOT NULL
        GROUP BY 1, 2, 3
    )
    GROUP BY 1, 2
),
pc AS MATERIALIZED (
    SELECT c.segment AS g, w.m, count(*) AS n0
    FROM (
        SELECT f.customer_id AS member, bit_or(1::BIGINT << (year(f.paid_on) * 12 + month(f.paid_on) - 1 - 2024 * 12)) AS months
        FROM payments AS f
        WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01' AND f.customer_id IS NOT NULL
        GROUP BY 1
    ) LEFT JOIN customers AS c ON member = c.customer_id
        JOIN (SELECT k + 2024 * 12 AS m, 1::BIGINT << k::INTEGER AS bit FROM range(24) AS r(k)) AS w ON months & w.bit <> 0
    GROUP BY 1, 2
),
cells AS (
    SELECT g, k::INTEGER AS m, make_date((k // 12)::INTEGER, (k % 12 + 1)::INTEGER, 1) AS period
    FROM (SELECT g FROM i UNION SELECT g FROM p UNION SELECT g FROM t) CROSS JOIN range(2024 * 12, 2026 * 12) AS r(k)
)
SELECT cells.g AS segment, cells.period,
    coalesce(i.revenue, 0) AS revenue,
    coalesce(i.gross, 0) AS gross_revenue,
    coalesce(i.open_revenue, 0) AS open_revenue,
    coalesce(i.paid_revenue, 0) AS paid_revenue,
    coalesce(i.posted_revenue, 0) AS posted_revenue,
    coalesce(i.issued, 0) AS invoices_issued,
    coalesce(i.open_count, 0) AS open_invoices,
    i.void_count / nullif(i.issued, 0) AS void_rate,
    coalesce(i.web_revenue, 0) AS web_revenue,
    coalesce(i.shop_revenue, 0) AS shop_revenue,
    coalesce(i.phone_revenue, 0) AS phone_revenue,
    coalesce(i.web_revenue, 0)::DOUBLE / nullif(i.revenue, 0)::DOUBLE AS web_share,
    coalesce(i.units, 0) AS units,
    coalesce(i.web_units, 0) AS web_units,
    i.revenue::DOUBLE / nullif(i.net_count, 0) AS mean_invoice,
    i.largest AS largest_invoice,
    i.smallest AS smallest_invoice,
    coalesce(i.big_count, 0) AS big_invoices,
    i.discount AS mean_discount,
    coalesce(i.discounted, 0) AS discounted_invoices,
    coalesce(i.web_paid, 0) AS web_paid_revenue,
    coalesce(i.tax, 0) AS tax,
    coalesce(p.collected, 0) AS collected,
    coalesce(p.fees, 0) AS fees,
    coalesce(p.fees, 0)::DOUBLE / nullif(p.collected, 0)::DOUBLE AS fee_rate,
    coalesce(p.card, 0) AS card_collected,
    coalesce(p.bank, 0) AS bank_collected,
    coalesce(p.cash, 0) AS cash_collected,
    coalesce(p.received, 0) AS payments_received,
    p.collected::DOUBLE / nullif(p.amount_count, 0) AS mean_payment,
    p.largest AS largest_payment,
    coalesce(p.free_count, 0) AS free_payments,
    coalesce(t.opened, 0) AS tickets_opened,
    coalesce(t.high_count, 0) AS high_tickets,
    t.resolved_count / nullif(t.opened, 0) AS resolved_rate,
    t.mean_hours,
    t.longest AS longest_hours,
    t.mean_rating,
    t.quick_count / nullif(t.opened, 0) AS quick_rate,
    coalesce(p.collected, 0)::DOUBLE / nullif(i.revenue, 0)::DOUBLE AS collection_efficiency,
    coalesce(ic.n0, 0)::BIGINT AS active_customers,
    coalesce(ic.n1, 0)::BIGINT AS open_customers,
    coalesce(ic.n2, 0)::BIGINT AS web_customers,
    coalesce(pc.n0, 0)::BIGINT AS paying_customers,
    coalesce(ii.n0, 0)::BIGINT AS items_sold,
    i.median_invoice,
    p.median_payment,
    t.hours_at[1] AS median_hours,
    t.hours_at[2] AS slow_hours,
    i.revenue::DOUBLE / nullif(ic.n0, 0) AS revenue_per_customer
FROM cells
    LEFT JOIN i ON i.g IS NOT DISTINCT FROM cells.g AND i.m = cells.m
    LEFT JOIN p ON p.g IS NOT DISTINCT FROM cells.g AND p.m = cells.m
    LEFT JOIN t ON t.g IS NOT DISTINCT FROM cells.g AND t.m = cells.m
    LEFT JOIN ic ON ic.g IS NOT DISTINCT FROM cells.g AND ic.m = cells.m
    LEFT JOIN ii ON ii.g IS NOT DISTINCT FROM cells.g AND ii.m = cells.m
    LEFT JOIN pc ON pc.g IS NOT DISTINCT FROM cells.g AND pc.m = cells.m
ORDER BY 1 NULLS LAST, 2
