-- The isolation fixture for MariaDB: the same tenants and rows as ../fixture.sql. Run by a superuser in an empty database.
-- Text that belongs to globex carries the mark zqglobex, which must never reach acme.

CREATE TABLE customers (
    tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL, id bigint NOT NULL, name varchar(80),
    email varchar(80), PRIMARY KEY (tenant_id, id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE orders (
    tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL, id bigint NOT NULL AUTO_INCREMENT,
    customer_id bigint, total decimal(10, 2), note varchar(80), PRIMARY KEY (tenant_id, id), KEY (id),
    KEY by_customer (tenant_id, customer_id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 AUTO_INCREMENT=1000;
CREATE TABLE order_items (
    tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL, order_id bigint NOT NULL,
    sku varchar(40) NOT NULL, qty int, PRIMARY KEY (tenant_id, order_id, sku)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE plans (id bigint PRIMARY KEY, name varchar(80)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- The trap: unique keys without the tenant.
CREATE TABLE coupons (
    id bigint PRIMARY KEY, tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    code varchar(40) UNIQUE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE part (
    tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL, id bigint NOT NULL, note varchar(80),
    PRIMARY KEY (tenant_id, id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
    PARTITION BY LIST COLUMNS (tenant_id) (PARTITION part_acme VALUES IN ('acme'), PARTITION part_globex VALUES IN ('globex'));

INSERT INTO customers SELECT 'acme', seq, concat('acme name ', seq), concat('user', seq, '@acme.example') FROM seq_1_to_5;
INSERT INTO customers
    SELECT 'globex', seq, concat('zqglobex name ', seq), concat('zqglobex', seq, '@globex.example') FROM seq_1_to_9;
INSERT INTO orders SELECT 'acme', seq, 1 + seq % 5, 7.5 * seq, concat('acme note ', seq) FROM seq_1_to_8;
INSERT INTO orders SELECT 'globex', seq, 1 + seq % 9, 900 + seq, concat('zqglobex note ', seq) FROM seq_1_to_20;
INSERT INTO order_items SELECT 'acme', seq, concat('sku-', seq % 3), seq FROM seq_1_to_8;
INSERT INTO order_items SELECT 'globex', seq, concat('zqglobex-sku-', seq % 3), 100 + seq FROM seq_1_to_20;
INSERT INTO plans VALUES (1, 'free'), (2, 'team'), (3, 'enterprise');
INSERT INTO coupons VALUES (1, 'acme', 'ACME-1'), (2, 'acme', 'ACME-2'), (70, 'globex', 'SECRET-G');
INSERT INTO part VALUES ('acme', 1, 'acme part'), ('globex', 1, 'zqglobex part'), ('globex', 2, 'zqglobex part 2');

-- What runs with its definer's rights, beside the tables.
CREATE VIEW v_all_orders AS SELECT * FROM orders;
CREATE FUNCTION leak(value text) RETURNS bigint READS SQL DATA RETURN (SELECT count(*) FROM orders);
CREATE PROCEDURE all_orders() READS SQL DATA SELECT * FROM orders;
CREATE PROCEDURE archive_orders(tenant varchar(63)) MODIFIES SQL DATA DELETE FROM orders WHERE tenant_id = tenant;
