-- Revenue of each employee and all below: summed by seller first, then by those above each seller.
WITH RECURSIVE above AS (
    SELECT employee_id AS member, employee_id AS line FROM employees
    UNION ALL
    SELECT above.member, e.manager_id FROM above JOIN employees AS e ON e.employee_id = above.line
    WHERE e.manager_id IS NOT NULL
),
s AS (
    SELECT seller_id, sum(net_amount::DECIMAL(38, 2)) AS revenue FROM invoices
    WHERE issued_on >= DATE '2023-01-01' AND issued_on < DATE '2026-01-01'
    GROUP BY 1
)
SELECT above.line, sum(s.revenue) AS revenue
FROM s JOIN above ON above.member = s.seller_id
GROUP BY 1
ORDER BY 1
