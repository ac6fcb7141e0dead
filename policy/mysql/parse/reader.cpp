#include "policy/mysql/parse/reader.h"

#include "policy/mysql/parse/keywords.h"

namespace fairlead::policy::mysql::parse {

bool reader::at_any(std::initializer_list<symbol> set) const {
    for (symbol s : set) {
        if (at(s)) return true;
    }
    return false;
}

bool reader::accept_words(symbol a, symbol b) {
    if (!at(a) || peek() != b) return false;
    pos_ += 2;
    return true;
}

void reader::expect(symbol s, std::string_view what) {
    if (!accept(s)) syntax(what);
}

void reader::fail(parse_error error, std::string_view expected) {
    if (failed()) return;
    result_ = {.error = error, .token = pos_, .expected = expected};
    pos_ = static_cast<token_index>(tokens_.size());
}

bool reader::space_before(std::uint32_t ahead) const {
    return pos_ + ahead < tokens_.size() && tokens_[pos_ + ahead].space_before;
}

// Whether a parenthesis is too far from the word before it to make it a function.
bool reader::apart(std::uint32_t ahead) const {
    const token& parenthesis = tokens_[pos_ + ahead];
    return parenthesis.space_before && (!mode_.ignore_space || parenthesis.comment_before);
}

bool reader::says(token_index index, std::string_view upper) const {
    if (index >= tokens_.size()) return false;
    const std::string_view text = text_of(index);
    if (text.size() != upper.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) != upper[i]) return false;
    }
    return true;
}

bool reader::reserved(symbol s) const {
    return maria_ ? reserved_in_mariadb(s) : reserved_in_mysql(s);
}

bool reader::is_identifier(std::uint32_t ahead) const {
    const symbol s = peek(ahead);
    if (s == symbol::quoted) return true;
    if (s < symbol::identifier || reserved(s)) return false;
    // COUNT( is the function wherever it stands, and no table's name: INSERT INTO count(a) fails.
    return peek(ahead + 1) != symbol::lparen || !is_function_token(s) || apart(ahead + 1);
}

token_index reader::identifier(std::string_view what) {
    if (is_identifier()) return pos_++;
    syntax(what);
    return pos_;
}

// Directly behind a dot every word is a name; behind a dot and white space reserved ones are not.
token_index reader::identifier_after_dot() {
    const bool word = cur() >= symbol::identifier && !space_before(0);
    if (word) return pos_++;
    return identifier("a name");
}

node_id reader::name_node(std::string_view what) {
    const node_id id = open(node_kind::name);
    const token_index at = identifier(what);
    at_node(id).name = at;
    return close(id);
}

node_id reader::plain_column_list() {
    const node_id list = open(node_kind::column_list);
    do {
        add(list, name_node("a column's name"));
    } while (accept(symbol::comma));
    return close(list);
}

node_id reader::column_list_until_paren() {
    const node_id list = open(node_kind::column_list);
    expect(symbol::lparen, "(");
    if (!at(symbol::rparen)) {
        do {
            add(list, name_node("a column's name"));
        } while (accept(symbol::comma));
    }
    expect(symbol::rparen, ")");
    return close(list);
}

node_id reader::open(node_kind kind) {
    return open_at(kind, pos_);
}

node_id reader::open_at(node_kind kind, token_index first) {
    if (tree_.nodes.size() >= limits_.max_nodes) {
        fail(parse_error::too_many_nodes);
        return 0;
    }
    node& made = tree_.nodes.emplace_back();
    made.kind = kind;
    made.first = first;
    made.end = first;
    return static_cast<node_id>(tree_.nodes.size() - 1);
}

node_id reader::wrap(node_kind kind, node_id left) {
    const node_id id = open_at(kind, tree_.nodes[left].first);
    add(id, left);
    return id;
}

void reader::add(node_id parent, node_id child) {
    if (failed()) return;
    node& above = tree_.nodes[parent];
    tree_.nodes[child].parent = parent;
    if (above.last_child == no_node) {
        above.first_child = child;
    } else {
        tree_.nodes[above.last_child].next_sibling = child;
    }
    above.last_child = child;
}

node_id reader::binary_node(node_kind kind, op operation, node_id left, token_index operator_at) {
    const node_id id = wrap(kind, left);
    at_node(id).operation = operation;
    at_node(id).name = operator_at;
    return id;
}

node_id reader::leaf(node_kind kind) {
    const node_id id = open(kind);
    at_node(id).name = pos_;
    if (!at(symbol::end)) ++pos_;
    return close(id);
}

}  // namespace fairlead::policy::mysql::parse
