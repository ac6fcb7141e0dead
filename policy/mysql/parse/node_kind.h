#pragma once

#include <cstdint>
#include <string_view>

namespace fairlead::policy::mysql::parse {

/// What a node is. "Children" lists them in text order; [x] may be missing, x* may repeat.
enum class node_kind : std::uint8_t {
    text,       // children: statement*
    statement,  // children: by statement_kind; every expression, query and table in it is below

    // Queries.
    with_clause,    // children: common_table*
    common_table,   // name; children: [column_list] parenthesised_query [column_list of CYCLE]
    query,          // children: [with_clause] body [order_by] [limit] [locking] [into]; body is one of
                    // query_block, set_operation, parenthesised_query
    set_operation,  // children: two or more of query_block, parenthesised_query, set_operator between them
    set_operator,   // UNION, INTERSECT, EXCEPT with ALL or DISTINCT: flags; precedence is not represented
    parenthesised_query,  // ( query ); children: query
    query_block,  // SELECT, VALUES (...), TABLE t; children: select_item* [into] [from_clause] [where_clause]
                  // [group_by] [having] window* [order_by] [limit] [procedure] [locking] [into];
                  // order_by to into only when the block stands alone, otherwise they are the query's
    select_item,  // name: alias or no_token; children: expression or star
    from_clause,  // children: table, derived_table, json_table, join, parenthesised_tables*
    where_clause,  // children: expression
    group_by,      // children: order_item*
    having,        // children: expression
    order_by,      // children: order_item*
    order_item,    // children: expression
    limit,         // children: expressions (literals, placeholders, names) in text order
    locking,  // FOR UPDATE [OF t] [NOWAIT | SKIP LOCKED | WAIT n], LOCK IN SHARE MODE; children: column_list
              // of OF's names, [literal]
    into,     // INTO @a, b or OUTFILE/DUMPFILE; children: user_variable, name, literal*
    procedure,  // PROCEDURE ANALYSE(...); children: expressions
    row,        // one row of VALUES; children: expressions; also ROW(a, b) and (a, b)

    // Tables.
    table,          // a named table; detail; children: [expressions of FOR SYSTEM_TIME]
    derived_table,  // ( query ) AS name; children: parenthesised_query [column_list]
    json_table,     // JSON_TABLE(expression, path COLUMNS (...)) AS name; children: expression, literals
    join,           // children: left, right, [join_on | join_using]
    join_on,        // children: expression
    join_using,     // children: column_list
    parenthesised_tables,  // (a JOIN b), (a, b) or { OJ a LEFT JOIN b ON ... }; children: as from_clause
    column_list,           // (a, b) or a, b as names: children: name*
    name,                  // an identifier that is no expression; name: its token

    // Parts of statements.
    assignment,  // a = expression of SET and UPDATE; children: column_reference or a variable, expression
    assignment_list,   // children: assignment*
    duplicate_update,  // children: assignment_list
    returning,         // children: select_item*
    delete_targets,    // DELETE t1, t2.* FROM; children: delete_target*
    delete_target,     // a reference's name, not a table; name; detail: number of qualifying names
    words,             // keywords and options that say nothing more; no children
    character_set,     // SET's NAMES a [COLLATE b] and CHARACTER SET a; name: a's token (may be DEFAULT, a
                       // string)

    // Expressions.
    literal,           // string (with introducer, adjacent strings), number, hex, bit, NULL, TRUE, FALSE
    temporal_literal,  // DATE '...', TIME '...', TIMESTAMP '...', { d '...' }
    placeholder,       // detail: ordinal
    column_reference,  // name: the column; detail: qualifying names before it
    star,              // * or t.* or db.t.*
    user_variable,     // @a
    system_variable,   // @@a, @@global.a, in SET also GLOBAL a; name: the last name; detail: variable_scope;
                       // flag keyword_syntax: a structured name, a.b
    user_assignment,   // @a := expression; children: user_variable, expression
    function_call,     // name; detail: qualifying names; children: arguments, [order_by], [window]
    unary,             // operation; children: expression
    binary,            // operation; children: expression, expression
    logical,           // operation and_, or_, xor_: two or more children, left to right
    comparison,        // operation; children: expression, expression or quantified
    quantified,        // ANY, SOME, ALL (query); children: parenthesised_query
    between,           // children: expression, low, high
    in_list,           // children: expression, then row or parenthesised: the list
    in_query,          // children: expression, parenthesised_query
    like,              // children: expression, pattern, [escape]
    regexp,            // children: expression, pattern
    is_test,           // IS [NOT] NULL, TRUE, FALSE, UNKNOWN; children: expression
    case_of,           // children: expressions in text order
    cast,              // CAST(a AS type), CONVERT(a, type), CONVERT(a USING set); children: expression, words
    collate,           // name: the collation; children: expression
    interval,          // INTERVAL a DAY; children: expression
    match_against,     // MATCH (a, b) AGAINST (c ...); children: column_reference*, expression
    exists,            // children: parenthesised_query
    subquery,          // ( query ) as a value; children: parenthesised_query
    parenthesised,     // ( expression ); children: expression
    default_value,     // DEFAULT alone
    default_of,        // DEFAULT(column); children: column_reference
    values_of,         // VALUES(column), VALUE(column); children: column_reference
    window,  // OVER (...), OVER name, and name AS (...) of WINDOW; name; children: [window_definition]
    window_definition,  // what is in the parentheses; name: the window it builds on; children: order_item* of
                        // PARTITION BY, [order_by], expressions of the frame
};
std::string_view to_string(node_kind kind);

/// What a system variable's name says of its scope.
enum class variable_scope : std::uint8_t { none, session, local, global, persist, persist_only };

/// Operators of unary, binary, logical and comparison nodes.
enum class op : std::uint16_t {
    none,
    // unary
    minus,
    plus,
    invert,
    not_,
    bang,
    binary_of,
    // binary
    add,
    subtract,
    multiply,
    divide,
    integer_divide,
    modulo,
    bit_or,
    bit_and,
    bit_xor,
    shift_left,
    shift_right,
    concat,
    sounds_like,
    json_extract,
    json_unquote,
    member_of,
    // logical
    and_,
    or_,
    xor_,
    // comparison
    equal,
    null_safe_equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
};

enum class statement_kind : std::uint8_t {
    // Touch rows.
    select,   // also VALUES and TABLE; children: query
    insert,   // children: table, [column_list], then row*, assignment_list or query, [duplicate_update],
              // [returning]
    replace,  // as insert
    update,   // children: [with_clause], the tables as from_clause, assignment_list, [where_clause],
              // [order_by],
              // [limit]
    delete_,  // children: [with_clause], [delete_targets], from_clause, [where_clause], [order_by], [limit],
              // [returning]
    load_data,  // children: table, [column_list], [assignment_list]
    do_,        // children: expressions
    call,       // children: expressions
    handler,    // children: table, expressions
    // About statements.
    explain,   // EXPLAIN, DESCRIBE, ANALYZE of a statement; children: statement
    describe,  // DESCRIBE t, EXPLAIN t: SHOW COLUMNS; children: table
    prepare,   // PREPARE name FROM 'literal'; children: literal or user_variable
    execute,   // children: user_variable*
    deallocate,
    execute_immediate,  // children: expressions
    // Session.
    set,  // children: assignment (of user_variable or system_variable) or character_set, any number
    set_transaction,  // SET [GLOBAL | SESSION] TRANSACTION ...
    set_password,
    set_role,       // SET ROLE, SET DEFAULT ROLE
    set_statement,  // SET STATEMENT a = b FOR statement; children: assignment*, statement
    use,
    show,  // children: tables, expressions of WHERE and LIKE
    kill,  // children: expression
    // Transactions.
    begin,  // BEGIN, START TRANSACTION ...
    commit,
    rollback,
    savepoint,
    rollback_to,
    release_savepoint,
    xa,
    lock_tables,  // children: table*
    unlock_tables,
    // Definition: the leading words only.
    create_temporary_table,
    drop_temporary_table,
    get_diagnostics,
    other,
};
std::string_view to_string(statement_kind kind);

}  // namespace fairlead::policy::mysql::parse
