-- The isolation fixture: two tenants (acme, globex) with rows of the same ids, and beside the tables everything that
-- row policies do not cover. Run by a superuser in an empty database owned by shop_owner; roles exist already.
-- Text that belongs to globex carries the mark zqglobex, which must never reach acme.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO shop_owner;
GRANT USAGE ON SCHEMA public TO fairlead_app, exempt_reporter;
SET ROLE shop_owner;

CREATE SEQUENCE orders_id_seq START 1000;
CREATE SEQUENCE orders_seq START 5000;

CREATE TABLE customers (
    tenant_id text NOT NULL, id bigint NOT NULL, name text, email text,
    PRIMARY KEY (tenant_id, id));
CREATE TABLE orders (
    tenant_id text NOT NULL, id bigint NOT NULL DEFAULT nextval('orders_id_seq'), customer_id bigint, total numeric(10, 2),
    note text, PRIMARY KEY (tenant_id, id));
CREATE TABLE order_items (
    tenant_id text NOT NULL, order_id bigint NOT NULL, sku text NOT NULL, qty int,
    PRIMARY KEY (tenant_id, order_id, sku));
CREATE TABLE plans (id bigint PRIMARY KEY, name text);
-- The trap: unique keys without the tenant.
CREATE TABLE coupons (id bigint PRIMARY KEY, tenant_id text NOT NULL, code text UNIQUE);
CREATE TABLE part (
    tenant_id text NOT NULL, id bigint NOT NULL, note text, PRIMARY KEY (tenant_id, id)) PARTITION BY LIST (tenant_id);
CREATE TABLE part_acme PARTITION OF part FOR VALUES IN ('acme');
CREATE TABLE part_globex PARTITION OF part FOR VALUES IN ('globex');

INSERT INTO customers
    SELECT 'acme', i, 'acme name ' || i, 'user' || i || '@acme.example' FROM generate_series(1, 5) i;
INSERT INTO customers
    SELECT 'globex', i, 'zqglobex name ' || i, 'zqglobex' || i || '@globex.example' FROM generate_series(1, 9) i;
INSERT INTO orders
    SELECT 'acme', i, 1 + i % 5, 7.5 * i, 'acme note ' || i FROM generate_series(1, 8) i;
INSERT INTO orders
    SELECT 'globex', i, 1 + i % 9, 900 + i, 'zqglobex note ' || i FROM generate_series(1, 20) i;
INSERT INTO order_items
    SELECT 'acme', i, 'sku-' || i % 3, i FROM generate_series(1, 8) i;
INSERT INTO order_items
    SELECT 'globex', i, 'zqglobex-sku-' || i % 3, 100 + i FROM generate_series(1, 20) i;
INSERT INTO plans VALUES (1, 'free'), (2, 'team'), (3, 'enterprise');
INSERT INTO coupons VALUES (1, 'acme', 'ACME-1'), (2, 'acme', 'ACME-2'), (70, 'globex', 'SECRET-G');
INSERT INTO part VALUES ('acme', 1, 'acme part'), ('globex', 1, 'zqglobex part'), ('globex', 2, 'zqglobex part 2');

GRANT SELECT, INSERT, UPDATE, DELETE ON customers, orders, order_items, plans, coupons, part, part_acme, part_globex
    TO fairlead_app;
GRANT USAGE, SELECT ON SEQUENCE orders_id_seq, orders_seq TO fairlead_app;
GRANT SELECT, DELETE ON orders TO exempt_reporter;

-- A tiny COST asks the planner to run it before anything else, on every row it sees.
CREATE FUNCTION leak(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
    $$ BEGIN RAISE NOTICE 'leak: %', value; RETURN true; END $$;

RESET ROLE;
CREATE VIEW v_all_orders AS SELECT * FROM public.orders;
ALTER VIEW v_all_orders OWNER TO exempt_reporter;
CREATE FUNCTION all_orders() RETURNS SETOF orders LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM public.orders';
ALTER FUNCTION all_orders() OWNER TO exempt_reporter;
CREATE PROCEDURE archive_orders(tenant text) LANGUAGE sql SECURITY DEFINER AS
    'DELETE FROM public.orders WHERE tenant_id = tenant';
ALTER PROCEDURE archive_orders(text) OWNER TO exempt_reporter;
GRANT SELECT ON v_all_orders TO fairlead_app;
