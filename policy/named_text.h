#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy {

/// A `:name` of a text: bytes [begin, end), colon included.
struct named_place {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

/// The `:name` placeholders of a text, or why they cannot be told.
struct named_places {
    std::vector<named_place> places;  // ascending
    std::string error;                // empty: none
    std::uint32_t position = 0;       // 1-based byte that the error is about; 0: the whole
};

/// A text with the engine's own placeholders instead of `:name`.
struct named_text {
    std::string sql;
    /// What each of the engine's placeholders is called, in their order. A name that comes twice is here
    /// twice where placeholders have no numbers, once where they do.
    std::vector<std::string> names;
};

/// "$1, $2": a name has one number however often it comes.
named_text with_numbers(std::string_view sql, const std::vector<named_place>& places);
/// "?, ?"
named_text with_question_marks(std::string_view sql, const std::vector<named_place>& places);

}  // namespace fairlead::policy
