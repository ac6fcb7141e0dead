-- tenant5 has a database server of its own (placement `mysql_own_server`). Run in the database shop.

CREATE TABLE users (user_id bigint PRIMARY KEY, username varchar(80) NOT NULL);
INSERT INTO users VALUES (1, 'Ito'), (2, 'Watanabe');
