#include "policy/mysql/guard/prepare_rules.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/string_value.h"
#include "policy/mysql/guard/variable_rules.h"
#include "policy/mysql/parse/parser.h"
#include "policy/mysql/render.h"
#include "policy/mysql/utf8.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::statement;
using parse::statement_kind;

void refuse(analysis& a, const statement& s, std::string message) {
    a.refuse(rule::text_prepare, std::move(message), s.verb);
}

/// What is prepared is not looked at.
void pass_unread(analysis& a, const statement& s) {
    a.touches_data = true;
    a.verdict.may_change_mode = true;
    // What runs may assign variables unseen, and that does not end with DEALLOCATE.
    bool runs = s.kind == statement_kind::execute_immediate || s.kind == statement_kind::execute;
    if (s.kind == statement_kind::deallocate) {
        a.end_one_pin(Pin::text_prepare);
    } else {
        a.pin(runs ? Pin::user_variable : Pin::text_prepare);
    }
}

/// Names that every server takes for the same one whenever we do.
bool is_plain_name(std::string_view name) {
    constexpr std::size_t longest = 64;
    auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '$';
    };
    return !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), plain);
}

/// The statement is all of the text, in its plain form: nothing of it in an executable comment, nothing
/// around it, and not itself prepared.
bool stands_alone(analysis& a, const statement& s, bool only) {
    if (!only || a.at(s.at).parent != 0) {
        a.refuse(rule::session_command_in_batch, "PREPARE, EXECUTE or DEALLOCATE with other statements",
                 s.verb);
        return false;
    }
    bool commented =
        std::any_of(a.tokens.begin(), a.tokens.end(), [](const token& t) { return t.in_comment; });
    if (commented || a.speaker.prepared) {
        refuse(a, s,
               commented ? "an executable comment in PREPARE, EXECUTE or DEALLOCATE"
                         : "PREPARE, EXECUTE or DEALLOCATE by the prepared statement protocol");
        return false;
    }
    if (!is_plain_name(a.name(s.name))) {
        refuse(a, s, "a prepared statement's name with other characters than letters, digits, _ and $");
        return false;
    }
    return true;
}

void command(analysis& a, const statement& s, SessionCommand what) {
    a.verdict.command = what;
    a.verdict.command_name = lower_case(a.name(s.name));
    a.verdict.name_begin = a.tokens[s.name].begin;
    a.verdict.name_end = a.tokens[s.name].end;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The bytes of the text go through the server's character sets as they are. Others than ASCII it may convert
/// on the way (MySQL to utf8mb3, whoever has another collation_connection): '?' for what it does not find is
/// a placeholder. The session sees to it that the two character sets are of one family.
bool reads_the_same(const analysis& a, std::string_view text) {
    const lex_mode& mode = a.speaker.mode;
    if (mode.charset == client_charset::binary) return false;
    if (is_ascii(text)) return true;
    return mode.charset == client_charset::utf8mb4 && mode.server == flavour::mariadb && is_utf8(text);
}

/// Up to the last mark of a splice, and NUL.
bool holds_marks(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 0 && c <= source_mark; });
}

/// One SELECT, INSERT, UPDATE, DELETE, REPLACE or the like.
bool is_data_statement(std::string_view sql, const lex_mode& mode) {
    std::vector<token> tokens;
    parse::parser parser;
    parse::tree tree;
    if (!lex(sql, mode, tokens) || !parser.parse(sql, mode, tokens, tree)) return false;
    if (tree.statements.size() != 1) return false;
    statement_kind kind = tree.statements.front().kind;
    return kind == statement_kind::select || kind == statement_kind::insert ||
           kind == statement_kind::replace || kind == statement_kind::update ||
           kind == statement_kind::delete_;
}

/// Whoever runs it later knows nothing of what it does, so it does nothing to the session.
bool leaves_session_alone(const Verdict& v) {
    return v.pins.empty() && v.ends.empty() && v.settings.empty() && v.command == SessionCommand::none &&
           v.transaction == TransactionEffect::none && v.reads_previous == Previous::none &&
           !v.multiple_statements && !v.local_infile && !v.may_change_mode && !v.uses_user_variables;
}

bool knows_connection(const Verdict& v) {
    return std::any_of(v.splices.begin(), v.splices.end(), [](const Splice& each) {
        return each.text.find(connection_mark) != std::string::npos;
    });
}

bool put_together(const analysis& a, std::string_view sql, const Verdict& verdict, std::string& out) {
    std::vector<token> tokens;
    render_values values{a.speaker.tenant, a.speaker.database, 0};
    return lex(sql, a.speaker.mode, tokens) && render(sql, tokens, verdict.splices, values, out);
}

void refuse_for(analysis& a, token_index literal, Refusal inner) {
    a.refuse(rule::text_prepare, {}, literal);
    inner.position = a.verdict.refusal.position;  // in the text that the client sent
    a.verdict.refusal = std::move(inner);
}

/// The text that the server is to prepare, in place of the literal.
void check_text_of(analysis& a, const statement& s, token_index literal) {
    const std::string text = string_value(a.text(literal), a.speaker.mode);
    if (!reads_the_same(a, text) || holds_marks(text))
        return refuse(a, s, "PREPARE of a text with characters that the server may read in another way");
    Speaker inside = a.speaker;
    inside.prepared = true;
    inside.multi_statements = false;
    Verdict verdict = analyse(a.scope, inside, text, nullptr);
    if (verdict.refused) return refuse_for(a, literal, std::move(verdict.refusal));
    if (!is_data_statement(text, a.speaker.mode))
        return refuse(a, s, "PREPARE of another statement than SELECT, INSERT, UPDATE, DELETE or REPLACE");
    if (!leaves_session_alone(verdict) || knows_connection(verdict))
        return refuse(a, s, "PREPARE of a statement that reads or changes state of the session");
    std::string rewritten;
    if (!put_together(a, text, verdict, rewritten) || holds_marks(rewritten) || !reads_the_same(a, rewritten))
        return refuse(a, s, "the statement in PREPARE cannot be put together safely");
    std::string sent = quoted_string(rewritten, a.speaker.mode);
    if (string_value(sent, a.speaker.mode) != rewritten)
        return refuse(a, s, "the statement in PREPARE cannot be quoted safely");
    a.edits.replace(literal, literal + 1, std::move(sent));
}

void check_prepare(analysis& a, const statement& s) {
    const node& source = a.at(a.at(s.at).first_child);
    bool literal = source.kind == node_kind::literal && source.end == source.first + 1 &&
                   a.tokens[source.first].kind == token_kind::string;
    if (!literal) return refuse(a, s, "PREPARE of a text that is not one plain string");
    a.examine(source.first);
    a.verdict.depends_on_tenant = a.verdict.depends_on_database = true;  // both are written into the text
    check_text_of(a, s, source.first);
    if (a.refused()) return;
    command(a, s, SessionCommand::prepare);
    a.pin(Pin::text_prepare);
}

void check_execute(analysis& a, const statement& s) {
    for (node_id each = a.at(s.at).first_child; each != no_node && !a.refused();
         each = a.at(each).next_sibling) {
        const node& value = a.at(each);
        bool variable = value.kind == node_kind::user_variable && value.end == value.first + 1;
        if (!variable) return refuse(a, s, "EXECUTE with other values than user variables");
        check_variable_name(a, value.first);
        a.verdict.uses_user_variables = true;
    }
    command(a, s, SessionCommand::execute);
}

}  // namespace

void check_prepared_text(analysis& a, const statement& s, bool only) {
    if (a.silo()) return pass_unread(a, s);
    if (s.kind == statement_kind::execute_immediate)
        return a.refuse(rule::dynamic_sql, "EXECUTE IMMEDIATE is refused for " + std::string(a.whom()),
                        s.verb);
    if (!stands_alone(a, s, only)) return;
    a.touches_data = true;
    if (s.kind == statement_kind::prepare) return check_prepare(a, s);
    if (s.kind == statement_kind::execute) return check_execute(a, s);
    command(a, s, SessionCommand::deallocate);
    a.end_one_pin(Pin::text_prepare);
}

}  // namespace fairlead::policy::mysql::guard
