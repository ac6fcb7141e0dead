#pragma once

#include "policy/mysql/parse/node_kind.h"

#include <cstdint>
#include <vector>

/// What a statement of MySQL or MariaDB says, as a tree over its tokens. Everything is one kind of node in
/// one flat array, so that a reader can visit every position without knowing every shape; what rewriting
/// needs to know of statements, query blocks and table references stands beside the tree, in lists of its
/// own.
///
/// Tokens are named by their index in the vector that lex() filled. Ranges are half open: [first, end).
/// Guaranteed of every tree: children lie inside their parent, ascend, and do not overlap; node 0 is the
/// text.
namespace fairlead::policy::mysql::parse {

using node_id = std::uint32_t;
using token_index = std::uint32_t;
inline constexpr node_id no_node = 0xffff'ffff;
inline constexpr token_index no_token = 0xffff'ffff;

struct token_range {
    token_index first = no_token;
    token_index end = no_token;

    bool present() const { return first != no_token; }
    bool operator==(const token_range&) const = default;
};

/// Bits of node::flags.
enum node_flag : std::uint8_t {
    negated = 1,                  // NOT IN, NOT BETWEEN, NOT LIKE, IS NOT
    distinct = 2,                 // COUNT(DISTINCT a), UNION DISTINCT, SELECT DISTINCT
    all = 4,                      // UNION ALL, > ALL (...)
    recursive = 8,                // WITH RECURSIVE
    space_before_arguments = 16,  // `name (`: for some names another thing than `name(`
    keyword_syntax = 32,  // a function whose arguments are not a plain list: TRIM(BOTH a FROM b), CAST
    lateral = 64,
};

/// One node. 36 bytes, no pointers.
struct node {
    node_kind kind = node_kind::text;
    std::uint8_t flags = 0;
    op operation = op::none;  // unary, binary, logical, comparison: which
    token_index first = 0;
    token_index end = 0;
    token_index name = no_token;  // by kind: the function's name, the column, the operator, the alias, ...
    node_id parent = no_node;
    node_id first_child = no_node;
    node_id last_child = no_node;
    node_id next_sibling = no_node;
    /// By kind: placeholder: its ordinal in the text, from 0; table, derived_table, json_table: index into
    /// tree::tables; query_block: index into tree::blocks; statement: index into tree::statements; join: the
    /// join_kind; column_reference, star, function_call: number of qualifying names (at tokens first,
    /// first + 2, ...).
    std::uint32_t detail = 0;

    bool has(node_flag flag) const { return (flags & flag) != 0; }
};

enum class join_kind : std::uint8_t {
    inner,  // [INNER | CROSS] JOIN
    straight,
    left,
    right,
    natural_inner,
    natural_left,
    natural_right,
};
constexpr bool is_outer(join_kind kind) {
    return kind == join_kind::left || kind == join_kind::right || kind == join_kind::natural_left ||
           kind == join_kind::natural_right;
}
constexpr bool is_natural(join_kind kind) {
    return kind >= join_kind::natural_inner;
}

/// What a table reference is there for.
enum class table_role : std::uint8_t {
    source,         // stands in a FROM or a join, of any statement; of UPDATE and multi-table DELETE too
    insert_target,  // INSERT INTO t, REPLACE INTO t
    update_target,  // UPDATE t SET: the only table of the statement
    delete_target,  // DELETE FROM t: the only table of the statement
    load_target,    // LOAD DATA ... INTO TABLE t
    other,          // LOCK TABLES t, DESCRIBE t, HANDLER t, SHOW COLUMNS FROM t
};

/// A table, derived table, JSON_TABLE or reference to a common table expression (that cannot be told from a
/// table here: whoever resolves names does). The node has the same range.
struct table_reference {
    node_id at = no_node;
    node_id block = no_node;  // the query_block or statement node in whose FROM it stands
    table_role role = table_role::source;
    bool nullable = false;     // an outer join above it may replace its rows by NULLs
    bool below_outer = false;  // an outer join stands above it, whichever its side
    bool with_as = false;
    token_index qualifier = no_token;  // the database's name
    token_index name = no_token;       // no_token for derived tables and JSON_TABLE
    token_index alias = no_token;
    token_range partitions{};   // PARTITION (p0, p1)
    token_range system_time{};  // FOR SYSTEM_TIME ...
    token_range hints{};        // USE/FORCE/IGNORE INDEX (...), all of them
    token_range columns{};      // derived tables: (a, b) behind the alias, with parentheses
    node_id join = no_node;     // the innermost join it is an operand of, parentheses looked through

    /// The name by which columns refer to it; no_token only for what has none.
    token_index exposed() const { return alias != no_token ? alias : name; }
};

/// What kind of block a query_block is, and which statement's own clauses these are.
enum class block_kind : std::uint8_t { select, values, table_command, update, delete_rows };

/// SELECT's, and UPDATE's and DELETE's, clauses as ranges. For SELECT `at` is a query_block node, for UPDATE
/// and DELETE the statement's node. Ranges include the clause's keyword unless said otherwise.
struct query_block {
    node_id at = no_node;
    node_id parent = no_node;  // the nearest query_block or statement node above
    block_kind kind = block_kind::select;
    token_index select_list = no_token;  // SELECT: the first token behind the options
    token_range options{};               // DISTINCT, STRAIGHT_JOIN, SQL_CALC_FOUND_ROWS, ...
    token_range from{};
    token_range where{};                  // WHERE and the whole condition
    node_id condition = no_node;          // the condition's node
    token_index where_insert = no_token;  // no WHERE: it would go in front of this token
    token_range group_by{};
    token_range having{};
    token_range windows{};
    token_range order_by{};
    token_range limit{};
    token_range locking{};             // FOR UPDATE ..., LOCK IN SHARE MODE
    token_range into{};                // SELECT ... INTO
    token_range procedure{};           // PROCEDURE ANALYSE (...)
    std::uint16_t select_options = 0;  // bits: select_option
    bool rollup = false;               // GROUP BY ... WITH ROLLUP
    bool into_file = false;            // INTO OUTFILE or DUMPFILE, not variables
};

enum select_option : std::uint16_t {
    option_distinct = 1,
    option_calc_found_rows = 2,
    option_straight_join = 4,
    option_no_cache = 8,
    option_cache = 16,
    option_high_priority = 32,
    option_buffer_result = 64,
    option_small_result = 128,
    option_big_result = 256,
    option_all = 512,
};

/// Bits of statement::flags.
enum statement_flag : std::uint16_t {
    ignore_errors = 1,  // INSERT IGNORE, UPDATE IGNORE, DELETE IGNORE
    low_priority = 2,
    delayed = 4,
    high_priority = 8,
    quick = 16,
    several_tables = 32,  // multi-table UPDATE or DELETE
    chain = 64,           // COMMIT AND CHAIN
    release = 128,        // COMMIT RELEASE
    local_file = 256,     // LOAD DATA LOCAL
    kill_query = 512,     // KILL QUERY
    kill_by_user = 1024,  // KILL USER name, KILL ... ID query_id: not a connection's id
    executes = 2048,      // ANALYZE stmt, EXPLAIN ANALYZE: the inner statement runs
    has_returning = 4096,
    has_duplicate_update = 8192,  // ON DUPLICATE KEY UPDATE
    full = 16384,                 // SHOW FULL, SHOW GLOBAL
    replaces_rows = 32768,        // LOAD DATA ... REPLACE
};

/// One statement of the text.
struct statement {
    node_id at = no_node;
    statement_kind kind = statement_kind::other;
    std::uint16_t flags = 0;
    token_index verb = no_token;  // first token of the statement proper, behind WITH clauses and EXPLAIN
    /// The name that the statement is about: of the prepared statement, savepoint, database (USE, SHOW ...
    /// FROM), routine (CALL; its database is the token two before, if that is behind `verb`); KILL: the id,
    /// if it is one literal.
    token_index name = no_token;
    token_index separator = no_token;  // the `;` behind it, if there is one
    // INSERT and REPLACE.
    token_range columns{};           // the column list with its parentheses; for SET none
    token_index values = no_token;   // VALUES, VALUE, SET, or the first token of the query
    token_range duplicate_update{};  // ON DUPLICATE KEY UPDATE and its assignments
    token_range row_alias{};         // AS new (a, b), MySQL
    token_range returning{};
    // SHOW: the words that say what is shown, e.g. FULL COLUMNS; other: its leading words.
    token_range words{};
};

/// A text's tree. Reused from text to text it allocates nothing once it has grown.
struct tree {
    std::vector<node> nodes;  // nodes[0] is the text, its children the statements
    std::vector<statement> statements;
    std::vector<query_block> blocks;      // in the order of their first token
    std::vector<table_reference> tables;  // what stands within another one before it, otherwise text order
    std::uint32_t placeholders = 0;

    const node& operator[](node_id id) const { return nodes[id]; }
    bool empty() const { return statements.empty(); }
    void clear();

    /// The node after `id` in text order within the tree below `top` (no_node at its end): children first.
    /// Walks without recursion, so the depth of a tree is nobody's problem.
    node_id next(node_id id, node_id top) const;
    /// The same, leaving out everything below `id`.
    node_id next_outside(node_id id, node_id top) const;
    /// The nearest node above `id` whose names its expressions see: query_block, query, or statement.
    node_id scope_of(node_id id) const;
};

}  // namespace fairlead::policy::mysql::parse
