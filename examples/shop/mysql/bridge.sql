-- tenant4 has a database of its own on the shared server (placement `own_database`). No tenant column.

CREATE DATABASE tenant_tenant4 CHARACTER SET utf8mb4;
GRANT SELECT, INSERT, UPDATE, DELETE ON `tenant\_tenant4`.* TO fairlead_app@'127.0.0.1';
CREATE TABLE tenant_tenant4.users (user_id bigint PRIMARY KEY, username varchar(80) NOT NULL);
INSERT INTO tenant_tenant4.users VALUES (1, 'Kobayashi');
