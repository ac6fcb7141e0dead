#include "tests/unit/policy/postgres/scanner_agreement.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace fairlead;

namespace {

void require(bool holds, const std::string& what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what.c_str());
    std::abort();
}

void require_ranges(const std::string& sql) {
    std::vector<policy::postgres::token> tokens;
    policy::postgres::lex(sql, tokens);
    std::uint32_t at = 0;
    for (const auto& t : tokens) {
        require(t.begin >= at && t.end > t.begin && t.end <= sql.size(),
                "token out of bounds or out of order");
        require(policy::postgres::token_at(tokens, t.begin).has_value(), "token_at does not find a token");
        at = t.end;
    }
}

}  // namespace

// Any bytes: no crash, tokens in order and in bounds, and the server's scanner cuts the same tokens unless we
// refuse.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string sql(reinterpret_cast<const char*>(data), size);
    require_ranges(sql);
    test::comparison result = test::compare_with_server_scanner(sql);
    require(result.outcome != test::agreement::disagree, result.detail);
    return 0;
}
