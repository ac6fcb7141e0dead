SELECT 'a'
'b
%%
SELECT 'a'
'
%%
SELECT B'1'
'
%%
SELECT E'a'
'\'
%%
SELECT E'a'
'\u12'
%%
SELECT E'\ud83d'
'\ude00'
%%
SELECT 'a
-- '
' , ' '
%%
SELECT /*
-- */ /*
%%
SELECT $a
$x$a
$
%%
SELECT 1e
5
%%
SELECT ""
""
%%
SELECT E'\303\251'
'ÿ'
%%
SELECT E'ÿ'
'\303\251'
%%
SELECT E'\303'
'a'
