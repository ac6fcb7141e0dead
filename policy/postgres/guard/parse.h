#pragma once

#include "policy/postgres/guard/tree.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace fairlead::policy::postgres::guard {

struct parse_result_deleter {
    void operator()(PgQuery__ParseResult* tree) const {
        pg_query__parse_result__free_unpacked(tree, nullptr);
    }
};
using parse_tree = std::unique_ptr<PgQuery__ParseResult, parse_result_deleter>;

/// A parse tree, or the parser's own words.
struct parsed {
    parse_tree tree;             // null: `message` says why
    std::string message;         // "syntax error at or near \"x\""
    std::uint32_t position = 0;  // 1-based character offset, 0: unknown
};

/// Parses with libpg_query. `sql` must hold no NUL byte. Thread-safe (libpg_query keeps its memory per
/// thread). It recurses without a limit of its own: call within_parse_budget() first.
parsed parse(std::string_view sql);

}  // namespace fairlead::policy::postgres::guard
