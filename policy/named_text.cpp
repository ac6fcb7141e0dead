#include "policy/named_text.h"

#include <algorithm>

namespace fairlead::policy {
namespace {

// "a:x" must not become "a$1", which is a name.
bool runs_into(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t number_of(std::vector<std::string>& names, std::string_view name) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known != names.end()) return static_cast<std::size_t>(known - names.begin()) + 1;
    names.emplace_back(name);
    return names.size();
}

template <typename Mark>
named_text replaced(std::string_view sql, const std::vector<named_place>& places, Mark mark) {
    named_text made;
    std::size_t copied = 0;
    for (const named_place& place : places) {
        made.sql.append(sql.substr(copied, place.begin - copied));
        if (!made.sql.empty() && runs_into(made.sql.back())) made.sql.push_back(' ');
        mark(made, sql.substr(place.begin + 1, place.end - place.begin - 1));
        copied = place.end;
    }
    made.sql.append(sql.substr(copied));
    return made;
}

}  // namespace

named_text with_numbers(std::string_view sql, const std::vector<named_place>& places) {
    return replaced(sql, places, [](named_text& made, std::string_view name) {
        made.sql += "$" + std::to_string(number_of(made.names, name));
    });
}

named_text with_question_marks(std::string_view sql, const std::vector<named_place>& places) {
    return replaced(sql, places, [](named_text& made, std::string_view name) {
        made.sql += '?';
        made.names.emplace_back(name);
    });
}

}  // namespace fairlead::policy
