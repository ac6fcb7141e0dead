#pragma once

#include "policy/mysql/parse/parser.h"
#include "policy/mysql/parse/symbol.h"

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace fairlead::policy::mysql::parse {

/// The parser proper: one function a rule of the grammar, spread over files by subject (expression.cpp,
/// function_call.cpp, query.cpp, tables.cpp, modify.cpp, set.cpp, show.cpp, statement.cpp). Lives for one
/// text.
///
/// After the first error the reader stands at the end of the text, where nothing is accepted any more, so
/// every rule runs out by itself and none has to look whether another failed.
class reader {
public:
    reader(std::string_view sql, const lex_mode& mode, std::span<const token> tokens,
           std::span<const symbol> symbols, tree& into, const parse_limits& limits)
        : sql_(sql),
          mode_(mode),
          tokens_(tokens),
          symbols_(symbols),
          tree_(into),
          limits_(limits),
          maria_(mode.server == flavour::mariadb) {}

    parse_result text();

private:
    // Counts what stands within each other while it lives.
    class level {
    public:
        explicit level(reader& of) : of_(of) {
            if (++of_.depth_ > of_.limits_.max_depth) of_.fail(parse_error::too_deep);
        }
        ~level() { --of_.depth_; }
        level(const level&) = delete;
        level& operator=(const level&) = delete;

    private:
        reader& of_;
    };

    // Makes a query_block or statement node the scope of what is read while it lives.
    class scope {
    public:
        scope(reader& of, node_id at) : of_(of), outer_(of.scope_) { of_.scope_ = at; }
        ~scope() { of_.scope_ = outer_; }
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;

    private:
        reader& of_;
        node_id outer_;
    };

    // Tokens.
    symbol cur() const { return symbols_[pos_]; }
    symbol peek(std::uint32_t ahead = 1) const { return symbols_[pos_ + ahead]; }
    bool at(symbol s) const { return cur() == s; }
    bool at_any(std::initializer_list<symbol> set) const;
    bool accept(symbol s) { return at(s) ? (++pos_, true) : false; }
    bool accept_any(std::initializer_list<symbol> set) { return at_any(set) ? (++pos_, true) : false; }
    bool accept_words(symbol a, symbol b);  // both or nothing
    void expect(symbol s, std::string_view what);
    void fail(parse_error error, std::string_view expected = {});
    void syntax(std::string_view expected = {}) { fail(parse_error::syntax, expected); }
    bool failed() const { return result_.error != parse_error::none; }
    std::string_view text_of(token_index index) const { return tokens_[index].text_in(sql_); }
    bool space_before(std::uint32_t ahead) const;  // is there any in front of the token at pos_ + ahead
    bool apart(std::uint32_t ahead) const;
    bool says(token_index index, std::string_view upper) const;  // letters of any case

    // Names.
    bool is_identifier(std::uint32_t ahead = 0) const;
    bool reserved(symbol s) const;
    token_index identifier(std::string_view what);  // takes one, or fails
    token_index identifier_after_dot();
    node_id name_node(std::string_view what);
    node_id column_list_until_paren();  // ( a, b )
    node_id plain_column_list();        // a, b

    // The tree.
    node_id open(node_kind kind);
    node_id open_at(node_kind kind, token_index first);
    node_id wrap(node_kind kind, node_id left);  // a node around an existing one
    node_id close(node_id id) {
        tree_.nodes[id].end = pos_;
        return id;
    }
    void add(node_id parent, node_id child);
    node& at_node(node_id id) { return tree_.nodes[id]; }
    node_id binary_node(node_kind kind, op operation, node_id left, token_index operator_at);
    node_id leaf(node_kind kind);  // of one token, which it takes

    // Expressions.
    node_id expression();
    void expression_list(node_id into);
    bool at_or() const;
    bool at_and() const;
    node_id xor_level();
    node_id and_level();
    node_id not_level();
    node_id boolean_test();
    node_id is_test(node_id left);
    node_id comparison(node_id left, op operation);
    node_id predicate();
    bool at_predicate_operator() const;
    bool at_operator() const;
    node_id predicate_operator(node_id left);
    node_id in_operator(node_id left);
    node_id between_operator(node_id left);
    node_id like_operator(node_id left);
    node_id member_operator(node_id left);
    node_id bit_expression(int lowest = 1);
    int binary_precedence(op& operation) const;
    bool interval_is_function() const;
    node_id interval();
    node_id interval_sum();
    bool at_unit(bool compound) const;
    void unit(bool compound);
    node_id simple();
    node_id primary();
    node_id unary_operator(op operation);
    node_id literal();
    node_id row_constructor();
    node_id temporal_literal();
    bool at_introducer() const;
    node_id introduced_literal();
    node_id odbc_literal();
    node_id user_variable();
    node_id system_variable();
    node_id parenthesised();
    node_id row_rest(token_index first, node_id expression);
    node_id subquery_value();
    node_id case_of();
    node_id match_against();
    node_id exists();
    node_id word_operand();
    node_id name_operand();

    // Functions.
    node_id function_call();
    node_id function_call_after(node_id name, std::uint32_t names);  // db.f(...): behind the name
    node_id begin_call();
    void end_call(node_id call);
    void plain_arguments(node_id call);
    bool special_arguments(symbol name, node_id call);
    bool worded_arguments(symbol name, node_id call);
    void aggregate_arguments(node_id call);
    void trim_arguments(node_id call);
    void substring_arguments(node_id call);
    void date_arguments(node_id call, bool number_allowed);
    void unit_arguments(node_id call);
    void weight_arguments(node_id call);
    node_id cast_call(symbol name);
    node_id column_function(node_kind kind);
    node_id no_parenthesis_function();
    node_id cast_type();
    node_id cast_type_of_using();  // a character set behind USING
    bool cast_type_name();
    bool cast_character_type();
    void parenthesised_numbers(int most);
    void character_set_of_type();
    bool windowed(symbol name) const;
    node_id over();
    node_id window_body();
    void window_frame(node_id window);
    void frame_bound(node_id window);

    // Queries.
    bool at_query() const;
    bool at_query_after(std::uint32_t ahead) const;
    bool at_query_tail() const;
    node_id query();
    node_id query_from(node_id first_operand);
    node_id parenthesised_query();
    node_id close_parenthesised_query(token_index first, node_id query);
    node_id with_clause();
    node_id common_table();
    void put_first(node_id query, node_id with);
    node_id query_operand();
    node_id query_block();
    void select_block(node_id at, std::uint32_t block);
    void values_block(node_id at);
    void table_block(node_id at, std::uint32_t block);
    void select_options(std::uint32_t block);
    void select_list(node_id into);
    node_id select_item(bool star_allowed);
    bool set_operator(node_id into);
    node_id order_by(std::uint32_t block);
    void order_items(node_id into, bool direction);
    void query_tail(node_id into, std::uint32_t block);
    node_id limit(std::uint32_t block);
    void limit_value(node_id into);
    void fetch_clause(node_id into);
    node_id locking();
    node_id into_clause(std::uint32_t block);
    node_id procedure(std::uint32_t block);
    void file_format();
    std::uint32_t names_before_star() const;
    void windows(node_id into, std::uint32_t block);
    // Refuses INTO while it lives.
    class no_into {
    public:
        explicit no_into(reader& of) : of_(of), outer_(of.into_allowed_) { of_.into_allowed_ = false; }
        ~no_into() { of_.into_allowed_ = outer_; }
        no_into(const no_into&) = delete;
        no_into& operator=(const no_into&) = delete;

    private:
        reader& of_;
        bool outer_;
    };
    struct query_block& query_block_of(std::uint32_t block) {
        return tree_.blocks[block];
    }
    void file_options(node_id into);
    void where_clause(node_id into, std::uint32_t block);
    void group_clause(node_id into, std::uint32_t block);
    std::uint32_t new_block(node_id at, block_kind kind);

    // Tables.
    node_id from_clause(std::uint32_t block);
    void table_list(node_id into);
    node_id table_item();
    node_id join_chain(node_id first);
    bool join_operator(join_kind& kind);
    node_id join_of(join_kind kind, token_index at, node_id left, node_id right);
    node_id join_leftmost(join_kind kind, token_index at, node_id left, node_id right);
    void join_condition(node_id join);
    node_id table_factor();
    node_id parenthesised_tables();
    node_id derived_table(node_id parenthesised, bool lateral);
    node_id json_table();
    void json_columns(node_id table);
    void json_column(node_id table);
    void json_on_clauses(node_id table);
    void column_type();
    node_id odbc_join();
    node_id named_table(table_role role);
    node_id target_table(table_role role);
    void table_name(table_reference& reference);
    void partitions(table_reference& reference);
    void system_time(node_id at, table_reference& reference);
    void alias(table_reference& reference, bool required);
    void index_hints(table_reference& reference);
    node_id keep_table(node_id at, const table_reference& reference);
    void settle_joins(std::uint32_t first_table);
    void settle_join(table_reference& reference) const;

    // Statements.
    node_id statement_of_text();
    node_id open_statement(statement_kind kind);
    statement& about(node_id at) { return tree_.statements[tree_.nodes[at].detail]; }
    node_id short_statement();
    static bool begins_other_statement(symbol verb);
    node_id select_statement();
    node_id with_statement();
    node_id insert_statement(statement_kind kind);
    void insert_source(node_id at);
    node_id insert_target(table_role role);
    node_id qualified_column_list(bool variables);
    node_id qualified_column();
    node_id value_row();
    void row_alias(node_id at);
    void duplicate_update(node_id at);
    void returning(node_id at);
    node_id assignment_list();
    node_id assignment();
    node_id expression_or_default();
    node_id update_statement();
    node_id update_rest(node_id id);
    bool is_one_table(node_id from) const;
    node_id delete_statement();
    node_id delete_rest(node_id id);
    bool targets_follow_from() const;
    void delete_one(node_id at, std::uint32_t block);
    void delete_several(node_id at, std::uint32_t block);
    node_id delete_target();
    void modify_tail(node_id at, std::uint32_t block, bool allowed);
    node_id load_statement();
    node_id set_statement();
    node_id set_item(variable_scope& sticky);
    node_id set_variable(node_id variable);
    node_id set_value();
    node_id set_character_set();
    bool scope_word(variable_scope& found) const;
    node_id set_transaction();
    node_id set_other(statement_kind kind);
    node_id set_for_statement();
    node_id show_statement();
    void end_words(node_id at);
    void show_rest(node_id at);
    bool show_tables(node_id at);
    bool show_columns(node_id at);
    bool show_create(node_id at);
    bool show_filtered(node_id at);
    bool accept_package_status();
    void show_condition(node_id at);
    void show_database(node_id at);
    node_id use_statement();
    node_id begin_statement();
    node_id start_transaction();
    node_id end_transaction(statement_kind kind);
    void accept_savepoint_word();
    node_id savepoint_statement(statement_kind kind);
    node_id explain_statement(bool analyze);
    node_id prepare_statement();
    node_id execute_statement();
    bool at_explainable() const;
    void describe_rest(node_id at);
    node_id deallocate_statement();
    node_id kill_statement();
    node_id do_statement();
    node_id call_statement();
    node_id lock_statement();
    node_id unlock_statement();
    node_id handler_statement();
    node_id other_statement();
    void skip_statement(node_id at);

    std::string_view sql_;
    const lex_mode& mode_;
    std::span<const token> tokens_;
    std::span<const symbol> symbols_;  // one per token, then several `end`
    tree& tree_;
    const parse_limits& limits_;
    const bool maria_;

    token_index pos_ = 0;
    std::uint32_t depth_ = 0;
    node_id pending_ = no_node;        // an operand that was read before it was known to be one
    node_id scope_ = 0;                // the query_block or statement node that we are in
    bool into_allowed_ = false;        // only the outermost query of a SELECT may say INTO
    bool duplicate_update_ = false;    // in ON DUPLICATE KEY UPDATE, where (VALUES(a)) is no query
    bool values_is_function_ = false;  // the same, and in no query within it
    parse_result result_;
};

}  // namespace fairlead::policy::mysql::parse
