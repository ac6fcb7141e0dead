#include "policy/mysql/parse/keywords.h"
#include "policy/mysql/parse/reader.h"

namespace fairlead::policy::mysql::parse {

/// Whether OVER may follow a call of this function.
bool reader::windowed(symbol name) const {
    switch (name) {
        case symbol::k_count:
        case symbol::k_sum:
        case symbol::k_avg:
        case symbol::k_min:
        case symbol::k_max:
        case symbol::k_group_concat:
        case symbol::k_json_arrayagg:
        case symbol::k_json_objectagg:
        case symbol::k_bit_and:
        case symbol::k_bit_or:
        case symbol::k_bit_xor:
        case symbol::k_std:
        case symbol::k_stddev:
        case symbol::k_stddev_pop:
        case symbol::k_stddev_samp:
        case symbol::k_variance:
        case symbol::k_var_pop:
        case symbol::k_var_samp:
        case symbol::k_median:
        case symbol::k_percentile_cont:
        case symbol::k_percentile_disc:
            return true;
        default:
            return is_window_function(name);
    }
}

node_id reader::over() {
    const node_id id = open(node_kind::window);
    ++pos_;
    if (accept(symbol::lparen)) {
        at_node(id).name = no_token;
        const node_id body = window_body();
        add(id, body);
        expect(symbol::rparen, ")");
    } else {
        at_node(id).name = identifier("a window's name");
    }
    return close(id);
}

// [name] [PARTITION BY ...] [ORDER BY ...] [frame]
node_id reader::window_body() {
    const node_id id = open(node_kind::window_definition);
    if (is_identifier()) at_node(id).name = pos_++;
    if (accept(symbol::k_partition)) {
        expect(symbol::k_by, "BY");
        order_items(id, maria_);
    }
    if (at(symbol::k_order)) add(id, order_by(no_node));
    if (at_any({symbol::k_rows, symbol::k_range})) window_frame(id);
    return close(id);
}

void reader::window_frame(node_id window) {
    ++pos_;
    if (accept(symbol::k_between)) {
        frame_bound(window);
        expect(symbol::k_and, "AND");
    }
    frame_bound(window);
    if (accept(symbol::k_exclude)) {
        const bool known = accept_words(symbol::k_current, symbol::k_row) ||
                           accept_words(symbol::k_no, symbol::k_others) ||
                           accept_any({symbol::k_ties, symbol::k_group});
        if (!known) syntax("CURRENT ROW, TIES, GROUP or NO OTHERS");
    }
}

void reader::frame_bound(node_id window) {
    if (accept_words(symbol::k_current, symbol::k_row)) return;
    if (!accept(symbol::k_unbounded)) {
        const bool interval_bound = !maria_ && at(symbol::k_interval);
        add(window, interval_bound ? interval() : bit_expression());
    }
    if (!accept_any({symbol::k_preceding, symbol::k_following})) syntax("PRECEDING or FOLLOWING");
}

}  // namespace fairlead::policy::mysql::parse
