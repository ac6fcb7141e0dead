#pragma once

#include "policy/postgres/lexer.h"

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include <string>
#include <string_view>
#include <vector>

/// Compares our lexer with the server's scanner, as libpg_query ships it. Used by the unit tests and the fuzz
/// target.
namespace fairlead::test {

enum class agreement {
    same,         // the same tokens
    both_refuse,  // an error on both sides, or a character there that no statement may hold
    stricter,     // they make tokens, we report an error
    disagree,     // anything else: a defect
};

struct comparison {
    agreement outcome = agreement::same;
    std::string detail;
};

namespace detail {

using policy::postgres::token;
using policy::postgres::token_kind;

inline bool kinds_match(const std::string& theirs, token_kind ours) {
    using enum token_kind;
    if (theirs == "IDENT") return ours == word || ours == quoted_identifier;
    if (theirs == "UIDENT") return ours == unicode_identifier;
    if (theirs == "SCONST") return ours == string || ours == escape_string || ours == dollar_string;
    if (theirs == "N SCONST") return ours == national_string;
    if (theirs == "USCONST") return ours == unicode_string;
    if (theirs == "BCONST") return ours == bit_string;
    if (theirs == "XCONST") return ours == hex_string;
    if (theirs == "ICONST") return ours == integer;
    if (theirs == "FCONST") return ours == number;
    if (theirs == "PARAM") return ours == parameter;
    if (theirs.starts_with("ASCII_")) return ours == punctuation;
    for (const char* op : {"Op", "TYPECAST", "DOT_DOT", "COLON_EQUALS", "EQUALS_GREATER", "LESS_EQUALS",
                           "GREATER_EQUALS", "NOT_EQUALS"}) {
        if (theirs == op) return ours == operator_symbol;
    }
    return ours == word;
}

struct scanned {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::string name;
};

struct scan {
    bool error = false;
    bool foreign_character = false;
    std::vector<scanned> tokens;
};

inline void append(scan& out, const std::string& sql, const PgQuery__ScanToken& t) {
    const auto* value =
        protobuf_c_enum_descriptor_get_value(&pg_query__token__descriptor, static_cast<int>(t.token));
    std::string name = value == nullptr ? "" : value->name;
    if (name == "SQL_COMMENT" || name == "C_COMMENT") return;
    if (name.empty() || name == "ASCII_92") out.foreign_character = true;
    scanned next{static_cast<std::uint32_t>(t.start), static_cast<std::uint32_t>(t.end), name};
    // N'a' comes as the keyword NCHAR over the N and a string right behind it; we make one token of it.
    bool national = !out.tokens.empty() && out.tokens.back().name == "NCHAR" && name == "SCONST" &&
                    out.tokens.back().end == next.begin && next.begin - out.tokens.back().begin == 1 &&
                    sql[next.begin] == '\'';
    if (national) {
        out.tokens.back().end = next.end;
        out.tokens.back().name = "N SCONST";
    } else {
        out.tokens.push_back(next);
    }
}

inline scan scan_with_libpg_query(const std::string& sql) {
    scan out;
    PgQueryScanResult raw = pg_query_scan(sql.c_str());
    if (raw.error != nullptr) {
        out.error = true;
    } else {
        auto* result = pg_query__scan_result__unpack(nullptr, raw.pbuf.len,
                                                     reinterpret_cast<const std::uint8_t*>(raw.pbuf.data));
        for (std::size_t i = 0; i < result->n_tokens; ++i) append(out, sql, *result->tokens[i]);
        pg_query__scan_result__free_unpacked(result, nullptr);
    }
    pg_query_free_scan_result(raw);
    return out;
}

inline std::string difference(const std::vector<scanned>& theirs, const std::vector<token>& ours) {
    for (std::size_t i = 0; i < theirs.size() || i < ours.size(); ++i) {
        if (i >= theirs.size() || i >= ours.size())
            return "token count differs at token " + std::to_string(i);
        const scanned& t = theirs[i];
        // libpg_query gives no usable end for U&'...' and U&"..."; the next token's begin has to do.
        bool end_known = t.name != "USCONST" && t.name != "UIDENT";
        bool same = t.begin == ours[i].begin && (!end_known || t.end == ours[i].end) &&
                    kinds_match(t.name, ours[i].kind);
        if (same) continue;
        return "token " + std::to_string(i) + ": theirs " + t.name + " " + std::to_string(t.begin) + "-" +
               std::to_string(t.end) + ", ours kind " + std::to_string(static_cast<int>(ours[i].kind)) + " " +
               std::to_string(ours[i].begin) + "-" + std::to_string(ours[i].end);
    }
    return {};
}

}  // namespace detail

inline comparison compare_with_server_scanner(const std::string& sql) {
    std::vector<policy::postgres::token> ours;
    policy::postgres::lex_result result = policy::postgres::lex(sql, ours);
    if (sql.find('\0') != std::string::npos) {
        if (result) return {agreement::disagree, "a NUL byte was accepted"};
        return {agreement::both_refuse, {}};  // no server can be sent such a text
    }
    detail::scan theirs = detail::scan_with_libpg_query(sql);
    if (!result) {
        bool refused = theirs.error || theirs.foreign_character;
        return {refused ? agreement::both_refuse : agreement::stricter,
                std::string(policy::postgres::to_string(result.error))};
    }
    if (theirs.error || theirs.foreign_character) return {agreement::disagree, "only we accept the text"};
    std::string difference = detail::difference(theirs.tokens, ours);
    return {difference.empty() ? agreement::same : agreement::disagree, difference};
}

}  // namespace fairlead::test
