#include "policy/mysql/verifier/reading.h"

#include "policy/mysql/parse/parser.h"

#include <algorithm>
#include <utility>

namespace fairlead::policy::mysql::verifier {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
std::size_t character_bytes(std::string_view text) {
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
    return size;
}

}  // namespace

bool same_ascii(std::string_view name, std::string_view wanted) {
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

bool might_be(std::string_view name, std::string_view wanted) {
    while (!name.empty() && !wanted.empty()) {
        std::size_t a = character_bytes(name), b = character_bytes(wanted);
        bool certain = is_ascii(name.substr(0, a)) && is_ascii(wanted.substr(0, b));
        if (certain && lower(name[0]) != lower(wanted[0])) return false;
        name.remove_prefix(a);
        wanted.remove_prefix(b);
    }
    return name.empty() && wanted.empty();
}

reading::reading(const GuardScope& guard_scope, const Speaker& session, std::string_view text)
    : scope(guard_scope), speaker(session), sql(text) {
    read();
}

void reading::read() {
    lex_result lexed = lex(sql, speaker.mode, tokens_);
    if (!lexed) return fail("it cannot be cut into tokens: " + std::string(to_string(lexed.error)));
    parse::parser parser;
    parse::parse_result parsed = parser.parse(sql, speaker.mode, tokens_, tree_);
    if (!parsed) return fail("it cannot be parsed: " + std::string(parse::to_string(parsed.error)));
    for (node_id id = 0; id < tree_.nodes.size(); ++id) {
        const node& n = tree_.nodes[id];
        bool is_table = n.kind == node_kind::table;
        if (is_table && (n.detail >= tree_.tables.size() || tree_.tables[n.detail].at != id))
            return fail("the tree contradicts itself");
    }
}

void reading::fail(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
}

std::string reading::name(token_index token) const {
    return parse::identifier(sql, tokens_[token]);
}

node_id reading::child(node_id parent, node_kind kind) const {
    node_id id = at(parent).first_child;
    while (id != no_node && at(id).kind != kind) id = at(id).next_sibling;
    return id;
}

node_id reading::block_of(node_id id) const {
    for (id = at(id).parent; id != no_node; id = at(id).parent) {
        if (at(id).kind == node_kind::query_block || at(id).kind == node_kind::statement) return id;
    }
    return 0;
}

std::vector<node_id> reading::tables_of(node_id block) const {
    std::vector<node_id> found;
    for (node_id id = tree_.next(block, block); id != no_node; id = tree_.next(id, block)) {
        bool names_rows = at(id).kind == node_kind::table || at(id).kind == node_kind::derived_table ||
                          at(id).kind == node_kind::json_table;
        if (names_rows && block_of(id) == block) found.push_back(id);
    }
    return found;
}

reading::with_clauses reading::count_with_clauses() const {
    with_clauses found;
    for (const node& n : tree_.nodes) {
        if (n.kind != node_kind::with_clause) continue;
        ++found.count;
        found.recursive |= n.has(parse::recursive);
    }
    return found;
}

bool reading::is_own_id(node_id value, bool column_is_text, bool either) const {
    const node& literal = at(value);
    if (literal.kind != node_kind::literal || literal.end != literal.first + 1) return false;
    std::string_view written = text(literal.first);
    switch (tokens_[literal.first].kind) {
        case token_kind::string:
            // An id has no quote and no backslash, so between the quotes there is nothing to decode.
            return (column_is_text || either) && written.size() == speaker.tenant.size() + 2 &&
                   written.substr(1, speaker.tenant.size()) == speaker.tenant;
        case token_kind::integer:
            return (!column_is_text || either) && written == speaker.tenant;
        default:
            return false;
    }
}

}  // namespace fairlead::policy::mysql::verifier
