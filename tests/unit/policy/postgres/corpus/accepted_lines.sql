select 1
SELECT 'a'
SELECT 'a''b'
SELECT ''
SELECT ''''
SELECT '''' || ''''''
SELECT 'a\'
SELECT 'a\' , 'b'
SELECT '\\'
SELECT 'a' 'b'
SELECT 'a'''
SELECT 'it''s', "it""s"
SELECT '--', '/*', '*/', '$$', '"'
SELECT "--", "/*", "*/", "$$", "'"
SELECT 'é', 'ß', '日本語', '😀'
SELECT é, ß, 日本語, 😀
SELECT "é", "日本語"
SELECT e'a'
SELECT E'a''b'
SELECT E'a\'b'
SELECT E'a\\'
SELECT E'a\\''b'
SELECT E'\\\''
SELECT E'\b\f\n\r\t'
SELECT E'\'', '\'
SELECT E'\x41\x4'
SELECT E'\101\1\12'
SELECT E'\303\251'
SELECT E'\xc3\xa9'
SELECT E'é\x41'
SELECT E'\u0041'
SELECT E'\U0001F600'
SELECT E'\ud83d\ude00'
SELECT E'\U0000D83D\U0000DE00'
SELECT E'\xg'
SELECT E'\8\9'
SELECT E'\é'
SELECT E'\--', E'/*'
SELECT E''
SELECT e '\'
SELECT E 'a'
SELECT b'0101'
SELECT B'0101', b''
SELECT B'1''0'
SELECT b'not bits'
SELECT b '1'
SELECT x'1F'
SELECT X'1f', x''
SELECT X'1''F'
SELECT x'zz'
SELECT x '1'
SELECT n'a'
SELECT N'a''b'
SELECT N 'a'
SELECT n'a\'
SELECT nchar 'a'
SELECT n
SELECT U&'d\0061t\+000061'
SELECT u&'a''b'
SELECT U&'d!0061t' UESCAPE '!'
SELECT U&'\zz'
SELECT U&'a' uescape '\'
SELECT U&"d\0061t"
SELECT u&"a""b"
SELECT U&"d!0061t" UESCAPE '!'
SELECT U&"d!0061t" uescape E'!'
SELECT u&"a"."b"
SELECT u & 'a'
SELECT u &'a'
SELECT U& 'a'
SELECT u& "a"
SELECT u&x
SELECT u&&x
SELECT u&-x
SELECT u
SELECT user&'a'
SELECT xu&'a'
SELECT "u"&'a'
SELECT ue'a'
SELECT _e'a'
SELECT ne'a'
SELECT be'a'
SELECT "e"'a'
SELECT $$a$$
SELECT $$$$
SELECT $a$b$a$
SELECT $a$$a$
SELECT $a$ $b$ $a$
SELECT $a$ $$ $a$
SELECT $a$$$a$
SELECT $$ $a$ $$
SELECT $$ ' " -- /* $$
SELECT $a$ $aa$ $A$ $a$
SELECT $a$ $1$ $a$
SELECT $a$ $a $a$
SELECT $a$ $a$a
SELECT $_$x$_$
SELECT $a1$x$a1$
SELECT $é$x$é$
SELECT $$a$$$$b$$
SELECT $a$b$a$$a$c$a$
SELECT 1$$a$$
SELECT 'a'$$a$$
SELECT )$$a$$
SELECT $1$$a$$
SELECT a$b$c
SELECT a$$b$$
SELECT a$1
SELECT _a$
SELECT a1$b2$
SELECT A$b$ 'x' , $b$'$b$
SELECT $1
SELECT $1, $2,$3
SELECT $1$2
SELECT $1::int
SELECT $1.5
SELECT $1'a'
SELECT $1"a"
SELECT $0
SELECT $01
SELECT $65535
SELECT $1+$2
SELECT $1-$2
SELECT $1--$2
SELECT $1/*$2*/
SELECT @$1
SELECT 1, 12, 123456789, 0, 00, 007
SELECT 2147483647, 2147483648, 4294967296, 9223372036854775808
SELECT 0000002147483647, 0000002147483648, 00000000000000000001
SELECT 1.5, .5, 5., 0.0, 00.00
SELECT 1e5, 1E5, 1e+5, 1e-5, 1.5e5, .5e5, 5.e5, 5.E-05
SELECT 1..2
SELECT 1...2
SELECT 1....2
SELECT ..5
SELECT ...5
SELECT 1.5.5
SELECT 1.5..5
SELECT 1.5...5
SELECT 1. .5
SELECT .5.5
SELECT 1.5.a
SELECT a.1
SELECT a.5
SELECT a .5
SELECT a.5.b
SELECT a[1:2], a[1 :2], a[1: 2]
SELECT a[:], a[1:], a[:2]
SELECT a[b:c], a[b::int:c]
SELECT 1'a'
SELECT 1"a"
SELECT 1(2)
SELECT 1,.5
SELECT 1+.5
SELECT 1-.5
SELECT 1.+.5
SELECT 1.-1
SELECT 1e5.5
SELECT 1e5..5
SELECT 1e5-5
SELECT 1e-5-5
SELECT 1e+5+5
SELECT -1
SELECT - 1
SELECT --1
SELECT - -1
SELECT -/**/-1
SELECT +-1, -+1, + 1
SELECT 1-1
SELECT 1 -1
SELECT 1- 1
SELECT 1+-1
SELECT 1*-1
SELECT 1<-1
SELECT 1<>-1
SELECT 1=-1
SELECT 1>=-1
SELECT 1<=-1
SELECT 1!=-1
SELECT 1@-1
SELECT 1@ -1
SELECT 1*+1
SELECT 1*-+-+1
SELECT 1%-1
SELECT 1^-1
SELECT 1/-1
SELECT 1//1
SELECT 1**1
SELECT 1*/1
SELECT 1*/*c*/1
SELECT 1+/*c*/1
SELECT 1+--c
SELECT 1@--c
SELECT 1@-/*c*/1
SELECT 1=/*c*/1
SELECT 1=>/*c*/1
SELECT 1<=/*c*/1
SELECT 1<>/*c*/1
SELECT 1!=/*c*/1
SELECT 1<=-/*c*/1
SELECT 1=>-1
SELECT 1=>+-1
SELECT 1<=>1
SELECT 1=>>1
SELECT 1<<1, 1>>1, 1<<=1, 1<<<1
SELECT a||b, a|||b, ||/ 27, |/ 25
SELECT a->b, a->>b, a#>b, a#>>b, a#-b, a@>b, a<@b, a?b, a?|b, a?&b, a@?b, a@@b
SELECT a->-1, a->>-1, a#-1, a#>-1
SELECT a-> -1
SELECT a~b, a!~b, a~*b, a!~*b, a~~b, a!~~b, a~~*b, a^@b
SELECT a&&b, a&<b, a&>b, a<<|b, a|>>b, a-|-b, a<->b, a##b, a<#>b, a<=>b, a?-b, a?||b, a?-|b
SELECT !a, !!a, @a, ~a, @-a, !-a, ~-a, ~+a, #a
SELECT `a, ``a
SELECT a`b
SELECT a:b, a::b, a:::b, a::::b, a:=b, a::=b, a:==b, a:-b
SELECT a=:b
SELECT a=>b, a= >b, a=>=b
SELECT a>=b, a> =b, a>==b
SELECT a<b, a>b, a=b, a<=b, a<>b, a< >b, a!=b, a! =b
SELECT a==b, a===b
SELECT +a, -a, *, a.*, (a).*
SELECT count(*)/*c*/
SELECT */**/
SELECT *-- c
SELECT (*)
SELECT a%b, a % b, a^b
SELECT ++++++++1
SELECT ----1
SELECT @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 1
SELECT =====----
SELECT a<+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++1
SELECT a /* c */ b
SELECT a/* c */b
SELECT a/**/b
SELECT a/***/b
SELECT a/****/b
SELECT a/*/*/**/*/*/b
SELECT a/*/**/*/b
SELECT a/* /* */ */b
SELECT a/* -- */b
SELECT a/* ' */b
SELECT a/* " */b
SELECT a/* $$ */b
SELECT a/*+ hint */b
SELECT a/*=*/b
SELECT a/*@-*/b
SELECT a/* **/b
SELECT a/** */b
SELECT a/*//*/b*/c*/d
SELECT a--
SELECT a -- b /* c
SELECT a --'
SELECT a --"
SELECT a --$$
SELECT a - - b
SELECT 'a'--
SELECT 'a'-- 'b'
SELECT 'a' -- 'b'
SELECT 'a'-1
SELECT 'a'-'b'
SELECT 'a' - 'b'
SELECT 'a'/* */'b'
SELECT 'a'::text, 'a' ::text
SELECT 'a'::"char"
SELECT date '2020-01-01', interval '1' day, timestamp with time zone '2020-01-01 00:00:00+00'
SELECT regclass 'users', 'users'::regclass, CAST('users' AS regclass)
SELECT "a", "A", "a b", "a""b", """", """a"
SELECT "a"."b", "a". "b", a."b", "a".b
SELECT "select", select, "SELECT"
SELECT "a"b
SELECT a"b"
SELECT "a""b"c"d"
SELECT "a\"
SELECT "a"'b'
SELECT 'a'"b"
SELECT null, NULL, true, FALSE, default, current_user, session_user
SELECT _, __, _1, a_b, A9
SELECT abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz
SELECT "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
;
;;
; ;
SELECT 1;
SELECT 1; SELECT 2
SELECT ';' ; SELECT ";" ; SELECT $$;$$ ; SELECT /*;*/ 1 --;
()
[]
(((((
)))))
,
.
:
*
+
'a'
"a"
a
1
INSERT INTO users (user_id, username) VALUES (1, 'Suzuki'), (2, 'Sato') RETURNING *
UPDATE users SET username = 'x', n = n + 1 WHERE tenant_id = 'tenant1' AND user_id = -1
DELETE FROM users USING accounts a WHERE users.user_id = a.user_id AND a.data @> '{"a": [1, 2]}'
SELECT * FROM users WHERE username LIKE 'a\_%' ESCAPE '\'
SELECT * FROM users WHERE username ~ '^[a-z]+$' AND data->>'k' = 'v' AND tags && ARRAY['a','b']::text[]
SET fairlead.tenant = 'acme'
SET search_path TO "$user", public
SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE
PREPARE p (int, text) AS SELECT $1, $2
EXECUTE p(1, 'a')
DECLARE c CURSOR WITH HOLD FOR SELECT 1
FETCH FORWARD -1 FROM c
COPY users FROM STDIN WITH (FORMAT csv, DELIMITER E'\t', NULL '\N')
DO $do$ BEGIN PERFORM 1; RAISE NOTICE '%', $q$x$q$; END $do$ LANGUAGE plpgsql
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT $1 + 1 $$
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1'
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n+1 FROM t WHERE n < 100) SELECT sum(n) FROM t
SELECT f(a => 1, b := 2)
SELECT make_interval(days => -1)
SELECT x OPERATOR(pg_catalog.+) y
SELECT extract(year FROM now()), extract('year' FROM now())
SELECT row_number() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST) FROM t
MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT VALUES (1)
SELECT jsonb_path_query(d, '$.a[*] ? (@ > 1)')
SELECT a ? 'b', a ?| array['b'], '?'
LISTEN "a.b"
NOTIFY a, 'b'
GRANT SELECT ON t TO PUBLIC
SELECT 1 AS "a", 2 AS b, 3 c
SELECT ALL 1 EXCEPT DISTINCT SELECT 2
VALUES (1,'a',NULL),(2,'b',DEFAULT)
TABLE users
