#include "policy/postgres/guard/analysis.h"

#include <algorithm>
#include <utility>

namespace fairlead::policy::postgres::guard {

namespace {

/// 1-based character offset, as PostgreSQL reports positions, of a byte offset.
std::uint32_t character_position(std::string_view sql, int location) {
    if (location < 0 || static_cast<std::size_t>(location) > sql.size()) return 0;
    auto before = sql.substr(0, static_cast<std::size_t>(location));
    auto continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    return static_cast<std::uint32_t>(before.size()) + 1 -
           static_cast<std::uint32_t>(std::count_if(before.begin(), before.end(), continuation));
}

}  // namespace

reach reach_of(const GuardScope& scope) {
    switch (scope.model) {
        case config::Model::pool:
            return reach::shared_tables;
        case config::Model::bridge:
            return scope.bridge_by_schema ? reach::own_schema : reach::own_database;
        case config::Model::silo:
            return reach::own_server;
    }
    return reach::shared_tables;
}

std::string_view whom(reach where) {
    switch (where) {
        case reach::shared_tables:
            return "tenants of shared tables";
        case reach::own_schema:
            return "tenants with a schema of their own";
        case reach::own_database:
            return "tenants of a shared server";
        case reach::own_server:
            return "tenants";
    }
    return "tenants";
}

analysis::analysis(const GuardScope& guard_scope, std::string_view schema, std::string_view sql_text,
                   const std::vector<token>& sql_tokens)
    : scope(guard_scope),
      where(reach_of(guard_scope)),
      own_schema(schema),
      sql(sql_text),
      tokens(sql_tokens) {}

void analysis::refuse_at(rule why, std::string message, std::uint32_t position) {
    if (verdict.refused) return;
    const rule_text& text = describe(why);
    verdict.refused = true;
    verdict.refusal = {std::string(text.id), std::move(message), std::string(text.remedy),
                       std::string(text.sqlstate), position};
}

void analysis::refuse(rule why, std::string message, int location, std::string_view hint) {
    if (verdict.refused) return;
    refuse_at(why, std::move(message), character_position(sql, location));
    if (!hint.empty()) verdict.refusal.hint = hint;
}

void analysis::pin(Pin cause) {
    verdict.pins |= cause;
    verdict.ends -= cause;  // it began behind what ended
}

std::size_t analysis::first_token(std::uint32_t begin) const {
    auto at = std::lower_bound(tokens.begin(), tokens.end(), begin,
                               [](const token& t, std::uint32_t offset) { return t.begin < offset; });
    return static_cast<std::size_t>(at - tokens.begin());
}

bool analysis::is_word(std::size_t index, std::string_view lower) const {
    if (index >= tokens.size() || tokens[index].kind != token_kind::word) return false;
    std::string_view word = tokens[index].text_in(sql);
    return std::equal(word.begin(), word.end(), lower.begin(), lower.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
    });
}

std::string_view analysis::token_text(std::size_t index) const {
    return index < tokens.size() ? tokens[index].text_in(sql) : std::string_view();
}

void analysis::end_pins(Pin kind) {
    verdict.ends |= kind;
}

void analysis::examine(int location) {
    if (location >= 0)
        if (auto index = literal_at(sql, tokens, static_cast<std::uint32_t>(location))) {
            examined_.push_back(*index);
            return;
        }
    // An identifier (SET x = value) is part of every fingerprint; anything else that cannot be told: all
    // literals.
    if (location >= 0)
        if (auto index = token_at(tokens, static_cast<std::uint32_t>(location)))
            if (auto kind = tokens[*index].kind;
                kind == token_kind::word || kind == token_kind::quoted_identifier)
                return;
    for (std::uint32_t i = 0; i < tokens.size(); ++i)
        if (is_literal(tokens[i].kind)) examined_.push_back(i);
}

std::vector<std::uint32_t> analysis::take_examined() {
    std::sort(examined_.begin(), examined_.end());
    examined_.erase(std::unique(examined_.begin(), examined_.end()), examined_.end());
    return std::move(examined_);
}

}  // namespace fairlead::policy::postgres::guard
