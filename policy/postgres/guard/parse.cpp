#include "policy/postgres/guard/parse.h"

#include <pg_query.h>

namespace fairlead::policy::postgres::guard {

namespace {

struct raw_result {
    PgQueryProtobufParseResult value;
    explicit raw_result(const char* sql) : value(pg_query_parse_protobuf(sql)) {}
    ~raw_result() { pg_query_free_protobuf_parse_result(value); }
    raw_result(const raw_result&) = delete;
    raw_result& operator=(const raw_result&) = delete;
};

}  // namespace

parsed parse(std::string_view sql) {
    std::string terminated(sql);
    raw_result raw(terminated.c_str());
    parsed result;
    if (raw.value.error != nullptr) {
        result.message = text(raw.value.error->message);
        if (raw.value.error->cursorpos > 0)
            result.position = static_cast<std::uint32_t>(raw.value.error->cursorpos);
        return result;
    }
    result.tree.reset(pg_query__parse_result__unpack(
        nullptr, raw.value.parse_tree.len, reinterpret_cast<const std::uint8_t*>(raw.value.parse_tree.data)));
    if (!result.tree) result.message = "the parse tree could not be read";
    return result;
}

}  // namespace fairlead::policy::postgres::guard
