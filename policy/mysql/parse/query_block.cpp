#include "policy/mysql/parse/reader.h"

/// SELECT, VALUES and TABLE, without what belongs to the query around them.
namespace fairlead::policy::mysql::parse {

std::uint32_t reader::new_block(node_id at, block_kind kind) {
    tree_.blocks.push_back({.at = at, .parent = scope_, .kind = kind});
    return static_cast<std::uint32_t>(tree_.blocks.size() - 1);
}

node_id reader::query_block() {
    const node_id id = open(node_kind::query_block);
    const bool select = at(symbol::k_select);
    const bool values = at(symbol::k_values) && !(maria_ && duplicate_update_);
    const std::uint32_t block = new_block(id, select   ? block_kind::select
                                              : values ? block_kind::values
                                                       : block_kind::table_command);
    at_node(id).detail = block;
    const scope within(*this, id);
    if (select) {
        select_block(id, block);
    } else if (values) {
        values_block(id);
    } else if (at(symbol::k_table) && !maria_) {
        table_block(id, block);
    } else {
        syntax("SELECT");
    }
    return close(id);
}

void reader::select_block(node_id at, std::uint32_t block) {
    ++pos_;
    select_options(block);
    select_list(at);
    if (this->at(symbol::k_into)) add(at, into_clause(block));
    if (this->at(symbol::k_from)) add(at, from_clause(block));
    where_clause(at, block);
    group_clause(at, block);
}

void reader::values_block(node_id at) {
    ++pos_;
    do {
        const node_id row = open(node_kind::row);
        if (!maria_) expect(symbol::k_row, "ROW");
        expect(symbol::lparen, "(");
        expression_list(row);
        expect(symbol::rparen, ")");
        add(at, close(row));
    } while (accept(symbol::comma));
}

void reader::table_block(node_id at, std::uint32_t block) {
    ++pos_;
    query_block_of(block).from.first = pos_;
    add(at, target_table(table_role::source));
    query_block_of(block).from.end = pos_;
    query_block_of(block).where_insert = no_token;
}

void reader::select_options(std::uint32_t block) {
    const token_index first = pos_;
    std::uint16_t found = 0;
    for (;; ++pos_) {
        std::uint16_t option = 0;
        switch (cur()) {
            case symbol::k_all:
                option = option_all;
                break;
            case symbol::k_distinct:
            case symbol::k_distinctrow:
                option = option_distinct;
                break;
            case symbol::k_sql_calc_found_rows:
                option = option_calc_found_rows;
                break;
            case symbol::k_straight_join:
                option = option_straight_join;
                break;
            case symbol::k_sql_no_cache:
                option = option_no_cache;
                break;
            case symbol::k_sql_cache:
                if (maria_) option = option_cache;
                break;
            case symbol::k_high_priority:
                option = option_high_priority;
                break;
            case symbol::k_sql_buffer_result:
                option = option_buffer_result;
                break;
            case symbol::k_sql_small_result:
                option = option_small_result;
                break;
            case symbol::k_sql_big_result:
                option = option_big_result;
                break;
            default:
                break;
        }
        if (option == 0) break;
        found |= option;
    }
    query_block_of(block).select_options = found;
    if (found != 0) query_block_of(block).options = {first, pos_};
    query_block_of(block).select_list = pos_;
}

void reader::select_list(node_id into) {
    bool star_allowed = true;
    do {
        add(into, select_item(star_allowed));
        star_allowed = false;
    } while (accept(symbol::comma));
}

node_id reader::select_item(bool star_allowed) {
    const node_id id = open(node_kind::select_item);
    const std::uint32_t names = names_before_star();
    if (at(symbol::star) || names > 0) {
        if (names == 0 && !star_allowed) syntax("an expression");
        const node_id all_columns = open(node_kind::star);
        at_node(all_columns).detail = names;
        pos_ += 2 * names + 1;
        add(id, close(all_columns));
        return close(id);
    }
    add(id, expression());
    if (accept(symbol::k_as)) {
        at_node(id).name = pos_;
        if (!accept(symbol::string)) identifier("an alias");
    } else if (at(symbol::string) || (is_identifier() && !at(symbol::k_sounds))) {
        at_node(id).name = pos_++;
    }
    return close(id);
}

// How many names stand before a dot and a star here: t.*, db.t.*
std::uint32_t reader::names_before_star() const {
    if (cur() < symbol::identifier || peek() != symbol::dot) return 0;
    if (peek(2) == symbol::star) return is_identifier() ? 1 : 0;
    const bool longer = peek(2) >= symbol::identifier && peek(3) == symbol::dot && peek(4) == symbol::star;
    return longer && is_identifier() ? 2 : 0;
}

void reader::where_clause(node_id into, std::uint32_t block) {
    if (!at(symbol::k_where)) {
        query_block_of(block).where_insert = pos_;
        return;
    }
    const node_id id = open(node_kind::where_clause);
    ++pos_;
    const node_id condition = expression();
    add(id, condition);
    add(into, close(id));
    query_block_of(block).where = {at_node(id).first, pos_};
    query_block_of(block).condition = condition;
}

// GROUP BY, HAVING, WINDOW
void reader::group_clause(node_id into, std::uint32_t block) {
    if (at(symbol::k_group)) {
        const node_id id = open(node_kind::group_by);
        ++pos_;
        expect(symbol::k_by, "BY");
        order_items(id, maria_);
        if (accept(symbol::k_with)) {
            expect(symbol::k_rollup, "ROLLUP");
            query_block_of(block).rollup = true;
        }
        add(into, close(id));
        query_block_of(block).group_by = {at_node(id).first, pos_};
    }
    if (at(symbol::k_having)) {
        const node_id id = open(node_kind::having);
        ++pos_;
        add(id, expression());
        add(into, close(id));
        query_block_of(block).having = {at_node(id).first, pos_};
    }
    if (at(symbol::k_window)) windows(into, block);
}

void reader::windows(node_id into, std::uint32_t block) {
    const token_index first = pos_++;
    do {
        const node_id id = open(node_kind::window);
        at_node(id).name = identifier("a window's name");
        expect(symbol::k_as, "AS");
        expect(symbol::lparen, "(");
        add(id, window_body());
        expect(symbol::rparen, ")");
        add(into, close(id));
    } while (accept(symbol::comma));
    query_block_of(block).windows = {first, pos_};
}

}  // namespace fairlead::policy::mysql::parse
