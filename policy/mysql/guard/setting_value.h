#pragma once

#include "policy/mysql/guard/analysis.h"

#include <optional>
#include <string>

namespace fairlead::policy::mysql::guard {

/// A constant as SET takes it, in text that means the same in every mode and character set.
struct constant_value {
    std::string sql;   // 'utf8mb4', 5, -1, ON, NULL
    std::string text;  // the value itself, without quotes
    bool is_string = false;
    bool is_default = false;  // DEFAULT
};

/// The value of a constant: a plain string, a number, a word, NULL, TRUE, FALSE, DEFAULT. Nothing for what
/// has to be computed, and for strings that are not plain ASCII without quotes and backslashes.
std::optional<constant_value> constant_of(const analysis& a, node_id value);

}  // namespace fairlead::policy::mysql::guard
