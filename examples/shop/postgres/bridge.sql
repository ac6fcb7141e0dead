-- tenant4 has a schema of its own on the shared server (placement `own_schema`). No tenant column, no policy, therefore
-- in another database than the shared tables: there, a table without policy is an error that `policy verify` reports.
-- Run by shop_owner in the database shop_schemas.

CREATE SCHEMA tenant_tenant4;
GRANT USAGE ON SCHEMA tenant_tenant4 TO fairlead_app;
CREATE TABLE tenant_tenant4.users (user_id bigint PRIMARY KEY, username text NOT NULL);
INSERT INTO tenant_tenant4.users VALUES (1, 'Kobayashi');
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_tenant4.users TO fairlead_app;
