-- Roles and the database, run once by a superuser of the server. psql variables: owner_password, app_password.
-- shop_owner owns the tables and installs the policies; fairlead_app is what Fairlead logs in as. It must be neither
-- the owner nor a role that bypasses row policies: Fairlead refuses to serve a placement over such a role.

CREATE ROLE shop_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE PASSWORD :'owner_password';
CREATE ROLE fairlead_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app_password';
CREATE DATABASE shop OWNER shop_owner;
REVOKE ALL ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO fairlead_app;
CREATE DATABASE shop_schemas OWNER shop_owner;
REVOKE ALL ON DATABASE shop_schemas FROM PUBLIC;
GRANT CONNECT ON DATABASE shop_schemas TO fairlead_app;
\connect shop
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO shop_owner;
GRANT USAGE ON SCHEMA public TO fairlead_app;
