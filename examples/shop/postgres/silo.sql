-- tenant5 has a database server of its own (placement `own_server`).

CREATE TABLE users (user_id bigint PRIMARY KEY, username text NOT NULL);
INSERT INTO users VALUES (1, 'Ito'), (2, 'Watanabe');
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO fairlead_app;
