-- Turns a fixture database into the oracle: only acme's rows and the global tables, acme as default.
-- Run by a superuser after fixture.sql.

DELETE FROM customers WHERE tenant_id <> 'acme';
DELETE FROM orders WHERE tenant_id <> 'acme';
DELETE FROM order_items WHERE tenant_id <> 'acme';
DELETE FROM coupons WHERE tenant_id <> 'acme';
DELETE FROM part WHERE tenant_id <> 'acme';
ALTER TABLE customers ALTER COLUMN tenant_id SET DEFAULT 'acme';
ALTER TABLE orders ALTER COLUMN tenant_id SET DEFAULT 'acme';
ALTER TABLE order_items ALTER COLUMN tenant_id SET DEFAULT 'acme';
ALTER TABLE coupons ALTER COLUMN tenant_id SET DEFAULT 'acme';
ALTER TABLE part ALTER COLUMN tenant_id SET DEFAULT 'acme';
