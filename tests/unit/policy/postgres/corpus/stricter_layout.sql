SELECT 'a' -- comment
'b'
%%
SELECT 'a'-- comment
'b'
%%
SELECT 'a'
-- comment
'b'
%%
SELECT 'a' --
-- 'x'
   'b'
%%
SELECT 'a'
'b' -- comment
'c'
%%
SELECT E'a' -- comment
'b'
%%
SELECT B'1' -- comment
'0'
%%
SELECT X'1' -- comment
'F'
%%
SELECT N'a' -- comment
'b'
%%
SELECT U&'a' -- comment
'b'
%%
SELECT $65536
%%
SELECT $99999999999999999999
%%
SELECT $4294967297
