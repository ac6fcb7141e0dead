#include "policy/mysql/guard/edit_list.h"

#include <algorithm>
#include <utility>

namespace fairlead::policy::mysql::guard {

void edit_list::add(std::uint32_t at, std::uint32_t other, side where, std::string text) {
    edits_.push_back({at, other, where, static_cast<std::uint32_t>(edits_.size()), std::move(text)});
}

void edit_list::before(std::uint32_t first, std::uint32_t end, std::string text) {
    add(first, end, side::before, std::move(text));
}

void edit_list::behind(std::uint32_t first, std::uint32_t end, std::string text) {
    add(end, first, side::behind, std::move(text));
}

void edit_list::around(std::uint32_t first, std::uint32_t end, std::string opening, std::string closing) {
    before(first, end, std::move(opening));
    behind(first, end, std::move(closing));
}

void edit_list::replace(std::uint32_t first, std::uint32_t end, std::string text) {
    add(first, end, side::instead, std::move(text));
}

bool edit_list::touches(std::uint32_t first, std::uint32_t end) const {
    return std::any_of(edits_.begin(), edits_.end(), [&](const edit& e) {
        std::uint32_t from = e.where == side::behind ? e.other : e.at;
        std::uint32_t to = e.where == side::behind ? e.at : e.other;
        return from >= first && to <= end;
    });
}

/// At one token: what ends there, innermost first; then what begins there, outermost first; then what
/// replaces it.
bool edit_list::precedes(const edit& a, const edit& b) {
    if (a.at != b.at) return a.at < b.at;
    if (a.where != b.where) return a.where < b.where;
    if (a.other != b.other && a.where != side::instead) return a.other > b.other;
    return a.order < b.order;
}

std::vector<Splice> edit_list::take() {
    std::sort(edits_.begin(), edits_.end(), precedes);
    std::vector<Splice> out;
    for (edit& next : edits_) {
        std::uint32_t last = next.where == side::instead ? next.other : next.at;
        if (!out.empty() && out.back().first == next.at && out.back().last == next.at) {
            out.back().text += next.text;
            out.back().last = last;
        } else {
            out.push_back({next.at, last, std::move(next.text)});
        }
    }
    edits_.clear();
    return out;
}

}  // namespace fairlead::policy::mysql::guard
