#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace fairlead::policy {

/// How many rows get into one table. Names are checked against the catalogue and quoted; nothing of the
/// caller's is text.
struct bulk_load {
    enum class way : std::uint8_t {
        inserts,  // INSERT INTO t (a, b) VALUES, to be followed by rows of placeholders; goes through the
                  // guard
        data,     // COPY or LOAD DATA, fed with rows as text: tab, newline, \N, backslash escapes
    };
    way how = way::data;
    /// inserts: the text up to the rows. data: unused, see statement().
    std::string head;
    /// data: the statement. `hexadecimal`: by column, which come as hexadecimal digits because they hold
    /// bytes (MySQL; the same statement whatever it is for PostgreSQL).
    std::function<std::string(const std::vector<bool>& hexadecimal)> statement;
};

}  // namespace fairlead::policy
