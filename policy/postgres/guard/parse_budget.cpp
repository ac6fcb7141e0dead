#include "policy/postgres/guard/parse_budget.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <pthread.h>

namespace fairlead::policy::postgres::guard {

namespace {

enum class role : std::uint8_t { plain, separator, case_separator, chain, opens_case, closes_case };

struct keyword {
    std::string_view word;
    role what;
};

// Only reserved words: one that may also be a column name (SET, GROUP as in WITHIN GROUP) would let a client
// reset the count inside one expression. Separators stand between expressions that are siblings in the tree;
// chains (UNION, JOIN) make left-deep trees across separators.
constexpr std::array keywords = {
    keyword{"and", role::separator},       keyword{"case", role::opens_case},
    keyword{"else", role::case_separator}, keyword{"end", role::closes_case},
    keyword{"except", role::chain},        keyword{"from", role::separator},
    keyword{"having", role::separator},    keyword{"intersect", role::chain},
    keyword{"join", role::chain},          keyword{"limit", role::separator},
    keyword{"offset", role::separator},    keyword{"on", role::separator},
    keyword{"or", role::separator},        keyword{"order", role::separator},
    keyword{"returning", role::separator}, keyword{"select", role::separator},
    keyword{"then", role::case_separator}, keyword{"union", role::chain},
    keyword{"using", role::separator},     keyword{"when", role::case_separator},
    keyword{"where", role::separator},     keyword{"window", role::separator},
};

static_assert(std::is_sorted(keywords.begin(), keywords.end(),
                             [](const keyword& a, const keyword& b) { return a.word < b.word; }));

role role_of(std::string_view word) {
    std::array<char, 9> lower{};
    if (word.size() > lower.size()) return role::plain;
    std::transform(word.begin(), word.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view wanted(lower.data(), word.size());
    auto at = std::lower_bound(keywords.begin(), keywords.end(), wanted,
                               [](const keyword& k, std::string_view w) { return k.word < w; });
    return at != keywords.end() && at->word == wanted ? at->what : role::plain;
}

/// One bracket (or CASE ... END): the chains in it, and the deepest of its segments so far.
struct level {
    bool is_case = false;
    std::uint32_t chains = 0;
    std::uint32_t deepest_segment = 0;
    std::uint32_t segment_tokens = 0;
    std::uint32_t segment_nested = 0;

    void close_segment() {
        deepest_segment = std::max(deepest_segment, segment_tokens + segment_nested);
        segment_tokens = segment_nested = 0;
    }
    std::uint32_t depth() {
        close_segment();
        return chains + deepest_segment;
    }
};

class depth_counter {
public:
    depth_counter() { levels_.emplace_back(); }

    void open(bool is_case) {
        levels_.emplace_back();
        levels_.back().is_case = is_case;
        opened_ = std::max(opened_, static_cast<std::uint32_t>(levels_.size()));
    }
    void close_case() {
        if (levels_.back().is_case) pop();
    }
    void close_bracket() {
        while (levels_.size() > 1 && levels_.back().is_case) pop();
        if (levels_.size() > 1) pop();
    }
    level& top() { return levels_.back(); }
    bool beyond_limit() const { return levels_.size() > max_tree_depth; }
    std::uint32_t total() {
        while (levels_.size() > 1) pop();
        return std::max(opened_, levels_.front().depth());
    }

private:
    void pop() {
        std::uint32_t depth = levels_.back().depth() + 1;
        levels_.pop_back();
        level& parent = levels_.back();
        parent.segment_nested = std::max(parent.segment_nested, depth);
    }
    std::vector<level> levels_;
    std::uint32_t opened_ = 1;
};

void count_word(depth_counter& counter, std::string_view word) {
    switch (role_of(word)) {
        case role::separator:
            counter.top().close_segment();
            break;
        case role::case_separator:
            if (counter.top().is_case) counter.top().close_segment();
            break;
        case role::chain:
            ++counter.top().chains;
            break;
        case role::opens_case:
            return counter.open(true);
        case role::closes_case:
            return counter.close_case();
        case role::plain:
            break;
    }
    ++counter.top().segment_tokens;
}

/// Bytes between here and the end of this thread's stack; asked only for texts of unusual depth.
std::size_t stack_left() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
    void* lowest = nullptr;
    std::size_t size = 0;
    int failed = pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    auto here = reinterpret_cast<std::uintptr_t>(&attributes);
    auto end = reinterpret_cast<std::uintptr_t>(lowest);
    return failed != 0 || here <= end ? 0 : here - end;
}

}  // namespace

std::uint32_t tree_depth_bound(std::string_view sql, const std::vector<token>& tokens) {
    depth_counter counter;
    bool after_dot = false;  // t.from is a column, not a separator
    for (const token& t : tokens) {
        std::string_view word = t.text_in(sql);
        bool dot = false;
        if (t.kind == token_kind::punctuation) {
            switch (word[0]) {
                case '(':
                case '[':
                    counter.open(false);
                    break;
                case ')':
                case ']':
                    counter.close_bracket();
                    break;
                case ',':
                case ';':
                    counter.top().close_segment();
                    break;
                default:
                    ++counter.top().segment_tokens;
                    dot = word[0] == '.';
            }
        } else if (t.kind == token_kind::word && !after_dot) {
            count_word(counter, word);
        } else {
            ++counter.top().segment_tokens;
        }
        after_dot = dot;
        if (counter.beyond_limit()) return max_tree_depth + 1;
    }
    return counter.total();
}

bool within_parse_budget(std::string_view sql, const std::vector<token>& tokens) {
    constexpr std::uint32_t harmless = 200;
    constexpr std::size_t bytes_per_unit = 5000;
    std::uint32_t depth = tree_depth_bound(sql, tokens);
    if (depth <= harmless) return true;
    return depth <= max_tree_depth && depth * bytes_per_unit <= stack_left();
}

}  // namespace fairlead::policy::postgres::guard
