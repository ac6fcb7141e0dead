-- The shop's shared tables: one set for all tenants of the placement `mysql_shared`. Run in the database shop.
-- MySQL has no row policies: Fairlead rewrites each statement so that it reaches the tenant's own rows, or refuses it.
-- The tenant column compares exactly: no case, no padding ('acme' is neither 'ACME' nor 'acme ').

CREATE TABLE users (
    tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    user_id   bigint NOT NULL,
    username  varchar(80) NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE orders (
    tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    order_id  bigint NOT NULL AUTO_INCREMENT,
    user_id   bigint NOT NULL,
    item      varchar(80) NOT NULL,
    PRIMARY KEY (tenant_id, order_id),
    KEY (order_id)
);

-- The same for every tenant, therefore named in `global_tables`.
CREATE TABLE plans (
    id   bigint PRIMARY KEY,
    name varchar(80) NOT NULL
);

-- A trap: the unique key lacks the tenant, so an upsert could take another tenant's row. Fairlead refuses it.
CREATE TABLE coupons (
    id        bigint NOT NULL AUTO_INCREMENT,
    tenant_id varchar(63) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    code      varchar(40) NOT NULL,
    percent   int NOT NULL,
    PRIMARY KEY (tenant_id, id),
    KEY (id),
    UNIQUE KEY code (code)
);

INSERT INTO users VALUES
    ('tenant1', 1, 'Suzuki'),
    ('tenant1', 2, 'Sato'),
    ('tenant2', 1, 'Nakamura'),
    ('tenant2', 2, 'Takahashi'),
    ('tenant3', 1, 'Yamada');
INSERT INTO orders (tenant_id, user_id, item) VALUES
    ('tenant1', 1, 'tea'), ('tenant1', 2, 'cups'), ('tenant2', 1, 'rope'), ('tenant3', 1, 'nails');
INSERT INTO plans VALUES (1, 'free'), (2, 'team');
INSERT INTO coupons (tenant_id, code, percent) VALUES ('tenant1', 'SPRING', 10), ('tenant2', 'AUTUMN', 20);
