SELECT 'a'
'b'
%%
SELECT 'a' 
 'b'
%%
SELECT 'a'

	'b'   
  'c'
%%
SELECT 'a'
'b''c'
'd'
%%
SELECT E'a\''
'b\''
%%
SELECT E'a'
'\n'
%%
SELECT E'a'
E'b'
%%
SELECT E'\u0041'
'\u0042'
%%
SELECT 'a'
E'b'
%%
SELECT 'a'
N'b'
%%
SELECT 'a'
b'1'
%%
SELECT 'a'
"b"
%%
SELECT 'a'
$$b$$
%%
SELECT $$a$$
'b'
%%
SELECT $$a$$
$$b$$
%%
SELECT B'01'
'10'
%%
SELECT B'01'
'1''0'
%%
SELECT X'1F'
'2E'
%%
SELECT N'a'
'b'
%%
SELECT U&'a'
'b'
%%
SELECT U&'a'
'b' UESCAPE '!'
%%
SELECT U&'a' UESCAPE
'!'
%%
SELECT "a"
"b"
%%
SELECT U&"a"
"b"
%%
SELECT 'a'
/* comment */ 'b'
%%
SELECT 'a' /* comment
*/ 'b'
%%
SELECT 'a'
, 'b'
%%
SELECT 'a'
-1
%%
SELECT 'a'
-
'b'
%%
SELECT 'a' -- comment
%%
SELECT 'a' -- comment
, 'b'
%%
SELECT 'a' -- 'b'
-- 'c'
%%
SELECT 'a'
-- only a comment
%%
SELECT 'a' 'b'
%%
SELECT '
' , '

'
%%
SELECT "
"
%%
SELECT $$
$$, $a$
$b$
$a$
%%
SELECT E'
\
'
%%
SELECT a -- 'unterminated
FROM b /* 'unterminated
-- */ WHERE c = 'x -- y' -- "
  AND d = $q$ -- $q$
%%
SELECT 1 +-- comment
2
%%
SELECT 1 @- -- comment
2
%%
SELECT 1 *
/* a /* nested
 */ -- not a line comment */ 2
%%
-- nothing but a comment
%%
/* nothing but a comment */
%%
--
--
SELECT 1
--
%%

%%
   
	
%%
BEGIN;
UPDATE users SET username = 'x'
 WHERE tenant_id = 'tenant1';
COMMIT;
%%
SELECT u.user_id
     , u.username            -- who
     , (SELECT count(*)
          FROM orders o      /* how many */
         WHERE o.user_id = u.user_id) AS orders
  FROM users u
 WHERE u.created_at >= DATE '2024-01-01'
   AND u.created_at < DATE '2024-01-01' + INTERVAL '1 month'
 ORDER BY 3 DESC
 LIMIT 10
%%
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    -- it's a comment in a body
    EXECUTE format('UPDATE %I SET a = $1', TG_TABLE_NAME) USING NEW.a;
    RETURN NEW;
END
$body$
%%
SELECT 'a
-- '
' , '
%%
SELECT E'\303\251'
'é'
%%
SELECT E'\303'
'\251'
%%
SELECT E'\u0041'''
'''\x41'
