#include "policy/mysql/guard/analysis.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/parse/parser.h"

#include <algorithm>
#include <utility>

namespace fairlead::policy::mysql::guard {

namespace {

/// 1-based character offset of a byte offset.
std::uint32_t character_position(std::string_view sql, std::uint32_t byte, client_charset charset) {
    if (byte > sql.size()) return 0;
    if (charset != client_charset::utf8mb4 && charset != client_charset::utf8mb3) return byte + 1;
    auto before = sql.substr(0, byte);
    auto continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    return byte + 1 - static_cast<std::uint32_t>(std::count_if(before.begin(), before.end(), continuation));
}

bool is_system_database(std::string_view lower) {
    return lower == "mysql" || lower == "performance_schema" || lower == "sys";
}

}  // namespace

analysis::analysis(const GuardScope& guard_scope, const Speaker& session, std::string_view sql_text,
                   const std::vector<token>& sql_tokens, const parse::tree& syntax)
    : scope(guard_scope),
      speaker(session),
      sql(sql_text),
      tokens(sql_tokens),
      tree(syntax),
      tables(syntax.tables.size()) {
    verdict.depends_on_database = false;
}

std::string_view analysis::whom() const {
    if (pool()) return "tenants of shared tables";
    return bridge() ? "tenants of a shared server" : "tenants";
}

void analysis::refuse_at_byte(rule why, std::string message, std::uint32_t byte) {
    if (verdict.refused) return;
    const rule_text& text = describe(why);
    verdict.refused = true;
    verdict.refusal = {std::string(text.id), std::move(message), std::string(text.remedy),
                       std::string(text.sqlstate), character_position(sql, byte, speaker.mode.charset)};
}

void analysis::refuse(rule why, std::string message, token_index at, std::string_view hint) {
    if (verdict.refused) return;
    if (at < tokens.size()) {
        refuse_at_byte(why, std::move(message), tokens[at].begin);
    } else {
        refuse_at_byte(why, std::move(message), 0);
        verdict.refusal.position = 0;
    }
    if (!hint.empty()) verdict.refusal.hint = hint;
}

void analysis::pin(Pin cause) {
    verdict.pins |= cause;
    verdict.ends -= cause;  // it began behind what ended
}

void analysis::end_pins(Pin kind) {
    verdict.ends |= kind;
}

void analysis::end_one_pin(Pin kind) {
    if (verdict.multiple_statements) return;
    verdict.ends |= kind;
    verdict.ends_one = true;
}

void analysis::examine(token_index token) {
    if (token < tokens.size() && is_literal(tokens[token].kind)) examined_.push_back(token);
}

void analysis::examine_all(token_index first, token_index end) {
    for (token_index i = first; i < end; ++i) examine(i);
}

std::vector<std::uint32_t> analysis::take_examined() {
    std::sort(examined_.begin(), examined_.end());
    examined_.erase(std::unique(examined_.begin(), examined_.end()), examined_.end());
    return std::move(examined_);
}

bool analysis::is_word(token_index token, std::string_view lower) const {
    return token < tokens.size() && tokens[token].kind == token_kind::word && same_word(text(token), lower);
}

std::string analysis::name(token_index token) const {
    return parse::identifier(sql, tokens[token]);
}

bool analysis::same_table_name(std::string_view a, std::string_view b) const {
    return scope.lower_case_table_names == 0 ? a == b : could_be(a, b);
}

bool analysis::is_own_database(std::string_view database) {
    if (same_table_name(database, speaker.exposed)) return true;
    verdict.depends_on_database = true;
    return same_table_name(database, speaker.database);
}

bool analysis::own_qualifier(token_index token) {
    std::string database = name(token);
    if (silo()) {
        if (speaker.exposed != speaker.database && database == speaker.exposed)
            edits.replace(token, token + 1, std::string(1, database_mark));
        return true;
    }
    if (is_own_database(database)) {
        // Also where the text has the real name: the verdict may serve other tenants, with other databases.
        if (speaker.exposed != speaker.database)
            edits.replace(token, token + 1, std::string(1, database_mark));
        return true;
    }
    if (is_system_database(lower_case(database)))
        refuse(rule::system_database, "database " + database + " is out of reach of " + std::string(whom()),
               token);
    else
        refuse(rule::other_database, "database " + database + " does not belong to this tenant", token);
    return false;
}

}  // namespace fairlead::policy::mysql::guard
