#pragma once

#include "config/settings.h"
#include "fairlead/error.h"
#include "fairlead/value.h"
#include "policy/bulk_load.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fairlead::detail {

/// Rows of a bulk load that have not been sent yet: as text for COPY and LOAD DATA, or as values for INSERT.
class row_buffer {
public:
    row_buffer(policy::bulk_load::way how, config::Engine engine, std::size_t columns)
        : how_(how), engine_(engine), columns_(columns), hexadecimal_(columns), plain_(columns) {}

    void add(std::span<const Argument> row, Diagnostics& failed);
    bool is_full() const;
    bool empty() const { return rows_ == 0; }
    std::size_t rows() const { return rows_; }

    /// data: which columns hold bytes, and the text. The buffer is empty afterwards.
    const std::vector<bool>& hexadecimal() const { return hexadecimal_; }
    std::string take_text();
    /// inserts: "($1,$2),($3,$4)" and the values.
    std::string placeholders() const;
    std::span<const Argument> values() const { return values_; }
    void clear();

private:
    void add_text(std::span<const Argument> row, Diagnostics& failed);
    void add_values(std::span<const Argument> row);

    const policy::bulk_load::way how_;
    const config::Engine engine_;
    const std::size_t columns_;
    std::vector<bool> hexadecimal_;  // bytes were given for this column
    std::vector<bool> plain_;        // something else was
    std::string text_;
    std::vector<Argument> values_;
    std::vector<std::unique_ptr<std::string>> contents_;  // what values_ point into
    std::size_t bytes_ = 0;
    std::size_t rows_ = 0;
};

}  // namespace fairlead::detail
