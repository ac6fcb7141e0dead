-- The shop's shared tables: one set for all tenants of the placement `shared`. Run by shop_owner, who owns them.
-- Row policies are not written here: `fairlead policy install` makes them and `fairlead policy verify` checks them.

CREATE TABLE users (
    tenant_id text   NOT NULL,
    user_id   bigint NOT NULL,
    username  text   NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

-- The same for every tenant, therefore named in `global_tables`.
CREATE TABLE plans (
    id   bigint PRIMARY KEY,
    name text NOT NULL
);

INSERT INTO users VALUES
    ('tenant1', 1, 'Suzuki'),
    ('tenant1', 2, 'Sato'),
    ('tenant2', 1, 'Nakamura'),
    ('tenant2', 2, 'Takahashi'),
    ('tenant3', 1, 'Yamada');
INSERT INTO plans VALUES (1, 'free'), (2, 'team');

GRANT SELECT, INSERT, UPDATE, DELETE ON users TO fairlead_app;
GRANT SELECT ON plans TO fairlead_app;
