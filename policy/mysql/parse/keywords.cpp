#include "policy/mysql/parse/keywords.h"

#include "policy/mysql/parse/keyword_list.h"

#include <array>
#include <cstdint>

namespace fairlead::policy::mysql::parse {

namespace {

constexpr std::size_t look_ahead = 8;
constexpr std::size_t longest = 32;  // letters of a keyword, at most
constexpr std::uint32_t slots = 2048;

constexpr char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

// Keywords by hash, and what is known of each symbol. Built by the compiler.
class keyword_index {
public:
    constexpr keyword_index() {
        for (std::size_t i = 0; i < keyword_list.size(); ++i) {
            const keyword& word = keyword_list[i];
            std::uint32_t at = hash(word.text);
            while (slots_[at] != 0) at = (at + 1) % slots;
            slots_[at] = static_cast<std::uint16_t>(i + 1);
            auto& known = properties_[static_cast<std::size_t>(word.meaning)];
            known = static_cast<std::uint8_t>(word.reserved | (word.function ? function_bit : 0));
        }
    }

    symbol find(std::string_view word) const {
        if (word.size() < 2 || word.size() > longest) return symbol::identifier;
        std::array<char, longest> folded;
        for (std::size_t i = 0; i < word.size(); ++i) folded[i] = upper(word[i]);
        const std::string_view text(folded.data(), word.size());
        for (std::uint32_t at = hash(text); slots_[at] != 0; at = (at + 1) % slots) {
            const keyword& known = keyword_list[slots_[at] - 1U];
            if (known.text == text) return known.meaning;
        }
        return symbol::identifier;
    }

    std::uint8_t properties(symbol word) const { return properties_[static_cast<std::size_t>(word)]; }

    static constexpr std::uint8_t function_bit = 4;

private:
    static constexpr std::uint32_t hash(std::string_view text) {
        std::uint32_t value = static_cast<std::uint32_t>(text.size());
        for (char c : text) value = value * 31 + static_cast<unsigned char>(c);
        return (value ^ (value >> 11)) % slots;
    }

    std::array<std::uint16_t, slots> slots_{};
    std::array<std::uint8_t, static_cast<std::size_t>(symbol::count_)> properties_{};
};

constexpr keyword_index keywords;

symbol of_one(char c) {
    switch (c) {
        case '(':
            return symbol::lparen;
        case ')':
            return symbol::rparen;
        case '{':
            return symbol::lbrace;
        case '}':
            return symbol::rbrace;
        case ',':
            return symbol::comma;
        case '.':
            return symbol::dot;
        case ';':
            return symbol::semicolon;
        case ':':
            return symbol::colon;
        case '*':
            return symbol::star;
        case '/':
            return symbol::slash;
        case '%':
            return symbol::percent;
        case '+':
            return symbol::plus;
        case '-':
            return symbol::minus;
        case '~':
            return symbol::tilde;
        case '^':
            return symbol::caret;
        case '!':
            return symbol::bang;
        case '|':
            return symbol::pipe;
        case '&':
            return symbol::ampersand;
        case '=':
            return symbol::eq;
        case '<':
            return symbol::lt;
        case '>':
            return symbol::gt;
        default:
            return symbol::other_punctuation;
    }
}

symbol of_punctuation(std::string_view text) {
    if (text.size() == 1) return of_one(text.front());
    struct entry {
        std::string_view text;
        symbol meaning;
    };
    static constexpr std::array<entry, 13> several = {{{"<=", symbol::le},
                                                       {">=", symbol::ge},
                                                       {"<>", symbol::ne},
                                                       {"!=", symbol::ne},
                                                       {":=", symbol::assign},
                                                       {"&&", symbol::and_and},
                                                       {"||", symbol::pipe_pipe},
                                                       {"<<", symbol::shift_left},
                                                       {">>", symbol::shift_right},
                                                       {"->", symbol::arrow},
                                                       {"<=>", symbol::null_safe_eq},
                                                       {"->>", symbol::arrow_text}}};
    for (const entry& one : several) {
        if (one.text == text) return one.meaning;
    }
    return symbol::other_punctuation;
}

symbol of_token(std::string_view text, token_kind kind) {
    switch (kind) {
        case token_kind::punctuation:
            return of_punctuation(text);
        case token_kind::word:
            return keywords.find(text);
        case token_kind::quoted_identifier:
            return symbol::quoted;
        case token_kind::user_variable:
            return symbol::user_variable;
        case token_kind::system_variable:
            return symbol::system_variable;
        case token_kind::placeholder:
            return symbol::placeholder;
        case token_kind::null_escape:
            return symbol::null_escape;
        case token_kind::string:
            return symbol::string;
        case token_kind::national_string:
            return symbol::national_string;
        case token_kind::hex_literal:
            return symbol::hex;
        case token_kind::bit_literal:
            return symbol::bit;
        case token_kind::integer:
            return symbol::integer;
        case token_kind::decimal_number:
            return symbol::decimal;
        case token_kind::real_number:
            return symbol::real;
    }
    return symbol::other_punctuation;
}

// A word with a dot and another word right behind it is a name whatever it says: `SELECT select.a` reads
// column a of a table called select. With a quoted name behind the dot it is the keyword, which then makes no
// sense in front of a dot for anybody: no meaning at all.
void names_before_dots(std::span<const token> tokens, std::vector<symbol>& symbols) {
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (symbols[i + 1] != symbol::dot || tokens[i].kind != token_kind::word) continue;
        if (tokens[i + 1].space_before || symbols[i] == symbol::identifier) continue;
        const bool name =
            i + 2 < tokens.size() && tokens[i + 2].kind == token_kind::word && !tokens[i + 2].space_before;
        const bool reserved = (keywords.properties(symbols[i]) & both) != 0;
        if (name) {
            symbols[i] = symbol::identifier;
        } else if (reserved) {
            symbols[i] = symbol::keyword_followed_by_dot;
        }
    }
}

}  // namespace

void classify(std::string_view sql, std::span<const token> tokens, std::vector<symbol>& symbols) {
    symbols.clear();
    symbols.reserve(tokens.size() + look_ahead);
    for (const token& one : tokens) symbols.push_back(of_token(one.text_in(sql), one.kind));
    names_before_dots(tokens, symbols);
    symbols.resize(tokens.size() + look_ahead, symbol::end);
}

bool reserved_in_mariadb(symbol word) {
    return (keywords.properties(word) & in_mariadb) != 0;
}

bool reserved_in_mysql(symbol word) {
    return (keywords.properties(word) & in_mysql) != 0;
}

bool is_function_token(symbol word) {
    return (keywords.properties(word) & keyword_index::function_bit) != 0;
}

bool is_window_function(symbol word) {
    switch (word) {
        case symbol::k_row_number:
        case symbol::k_rank:
        case symbol::k_dense_rank:
        case symbol::k_percent_rank:
        case symbol::k_cume_dist:
        case symbol::k_ntile:
        case symbol::k_lag:
        case symbol::k_lead:
        case symbol::k_first_value:
        case symbol::k_last_value:
        case symbol::k_nth_value:
            return true;
        default:
            return false;
    }
}

}  // namespace fairlead::policy::mysql::parse
