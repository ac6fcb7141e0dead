-- The account that Fairlead logs in with, and the databases. Run once by an administrator of each server, after
-- SET @app_password = '...'. It needs no more than rows: no DDL on shared tables, no PROCESS, no FILE, no SUPER.

EXECUTE IMMEDIATE concat("CREATE USER fairlead_app@'127.0.0.1' IDENTIFIED BY ", quote(@app_password));
CREATE DATABASE shop CHARACTER SET utf8mb4;
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO fairlead_app@'127.0.0.1';
