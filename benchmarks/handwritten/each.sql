-- The forty again, one statement for each, without the periods and groups in which nothing happened.
-- revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(f.net_amount), 0) AS revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- gross_revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(f.gross), 0) AS gross_revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- open_revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.status = 'open' THEN f.net_amount END), 0) AS open_revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- paid_revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.status = 'paid' THEN f.net_amount END), 0) AS paid_revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- posted_revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.status = 'posted' THEN f.net_amount END), 0) AS posted_revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- invoices_issued
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(count(*), 0) AS invoices_issued
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- open_invoices
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(count(CASE WHEN f.status = 'open' THEN 1 END), 0) AS open_invoices
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- void_rate
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, count(CASE WHEN f.status = 'void' THEN 1 END) / nullif(count(*), 0) AS void_rate
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- web_revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.channel = 'web' THEN f.net_amount END), 0) AS web_revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- shop_revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.channel = 'shop' THEN f.net_amount END), 0) AS shop_revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- phone_revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.channel = 'phone' THEN f.net_amount END), 0) AS phone_revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- web_share
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.channel = 'web' THEN f.net_amount END), 0)::DOUBLE / nullif(sum(f.net_amount), 0)::DOUBLE AS web_share
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- units
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(f.quantity), 0) AS units
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- web_units
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.channel = 'web' THEN f.quantity END), 0) AS web_units
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- mean_invoice
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, sum(f.net_amount)::DOUBLE / nullif(count(f.net_amount), 0) AS mean_invoice
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- largest_invoice
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, max(f.net_amount) AS largest_invoice
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- smallest_invoice
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, min(f.net_amount) AS smallest_invoice
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- big_invoices
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(count(CASE WHEN f.net_amount > 2500 THEN 1 END), 0) AS big_invoices
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- mean_discount
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, avg(f.discount) AS mean_discount
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- discounted_invoices
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(count(CASE WHEN f.discount > 0.5 THEN 1 END), 0) AS discounted_invoices
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- web_paid_revenue
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(CASE WHEN f.channel = 'web' AND f.status = 'paid' THEN f.net_amount END), 0) AS web_paid_revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- tax
SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, coalesce(sum(f.gross - f.net_amount), 0) AS tax
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- collected
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, coalesce(sum(f.amount), 0) AS collected
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- fees
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, coalesce(sum(f.fee), 0) AS fees
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- fee_rate
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, coalesce(sum(f.fee), 0)::DOUBLE / nullif(sum(f.amount), 0)::DOUBLE AS fee_rate
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- card_collected
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, coalesce(sum(CASE WHEN f.method = 'card' THEN f.amount END), 0) AS card_collected
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- bank_collected
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, coalesce(sum(CASE WHEN f.method = 'bank' THEN f.amount END), 0) AS bank_collected
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- cash_collected
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, coalesce(sum(CASE WHEN f.method = 'cash' THEN f.amount END), 0) AS cash_collected
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- payments_received
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, coalesce(count(*), 0) AS payments_received
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- mean_payment
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, sum(f.amount)::DOUBLE / nullif(count(f.amount), 0) AS mean_payment
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- largest_payment
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, max(f.amount) AS largest_payment
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- free_payments
SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, coalesce(count(CASE WHEN f.fee IS NULL THEN 1 END), 0) AS free_payments
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- tickets_opened
SELECT c.segment AS segment, year(f.opened_on) * 12 + month(f.opened_on) - 1 AS m, coalesce(count(*), 0) AS tickets_opened
FROM tickets AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.opened_on >= DATE '2024-01-01' AND f.opened_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- high_tickets
SELECT c.segment AS segment, year(f.opened_on) * 12 + month(f.opened_on) - 1 AS m, coalesce(count(CASE WHEN f.priority = 'high' THEN 1 END), 0) AS high_tickets
FROM tickets AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.opened_on >= DATE '2024-01-01' AND f.opened_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- resolved_rate
SELECT c.segment AS segment, year(f.opened_on) * 12 + month(f.opened_on) - 1 AS m, count(f.resolved_on) / nullif(count(*), 0) AS resolved_rate
FROM tickets AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.opened_on >= DATE '2024-01-01' AND f.opened_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- mean_hours
SELECT c.segment AS segment, year(f.opened_on) * 12 + month(f.opened_on) - 1 AS m, avg(f.hours) AS mean_hours
FROM tickets AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.opened_on >= DATE '2024-01-01' AND f.opened_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- longest_hours
SELECT c.segment AS segment, year(f.opened_on) * 12 + month(f.opened_on) - 1 AS m, max(f.hours) AS longest_hours
FROM tickets AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.opened_on >= DATE '2024-01-01' AND f.opened_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- mean_rating
SELECT c.segment AS segment, year(f.opened_on) * 12 + month(f.opened_on) - 1 AS m, avg(f.rating) AS mean_rating
FROM tickets AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.opened_on >= DATE '2024-01-01' AND f.opened_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- quick_rate
SELECT c.segment AS segment, year(f.opened_on) * 12 + month(f.opened_on) - 1 AS m, count(CASE WHEN f.resolved_on <= f.opened_on + 5 THEN 1 END) / nullif(count(*), 0) AS quick_rate
FROM tickets AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.opened_on >= DATE '2024-01-01' AND f.opened_on < DATE '2026-01-01'
GROUP BY 1, 2;
-- collection_efficiency
SELECT coalesce(i.segment, p.segment) AS segment, coalesce(i.m, p.m) AS m, coalesce(p.collected, 0)::DOUBLE / nullif(i.revenue, 0)::DOUBLE AS collection_efficiency
FROM (SELECT c.segment AS segment, year(f.issued_on) * 12 + month(f.issued_on) - 1 AS m, sum(f.net_amount) AS revenue
FROM invoices AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.issued_on >= DATE '2024-01-01' AND f.issued_on < DATE '2026-01-01'
GROUP BY 1, 2) AS i
FULL JOIN (SELECT c.segment AS segment, year(f.paid_on) * 12 + month(f.paid_on) - 1 AS m, sum(f.amount) AS collected
FROM payments AS f LEFT JOIN customers AS c ON f.customer_id = c.customer_id
WHERE f.paid_on >= DATE '2024-01-01' AND f.paid_on < DATE '2026-01-01'
GROUP BY 1, 2) AS p
    ON i.segment IS NOT DISTINCT FROM p.segment AND i.m = p.m;
