#include "dal/library/row_buffer.h"

#include "dal/session/row_text.h"

#include <algorithm>
#include <utility>

namespace fairlead::detail {
namespace {

constexpr std::size_t chunk_bytes = 1U << 20;
constexpr std::size_t most_values = 20'000;  // PostgreSQL takes 65,535; more rows a statement gain nothing
constexpr std::size_t most_rows = 500;

}  // namespace

void row_buffer::add(std::span<const Argument> row, Diagnostics& failed) {
    if (row.size() != columns_) {
        failed.set(errc::usage);
        failed.message =
            "a row of " + std::to_string(row.size()) + " values for " + std::to_string(columns_) + " columns";
        return;
    }
    if (how_ == policy::bulk_load::way::data) {
        add_text(row, failed);
    } else {
        add_values(row);
    }
    if (!failed) ++rows_;
}

void row_buffer::add_text(std::span<const Argument> row, Diagnostics& failed) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) text_ += '\t';
        dal::append_field(text_, engine_, row[i]);
        const bool bytes = row[i].kind() == Argument::Kind::bytes;
        if (bytes) hexadecimal_[i] = true;
        if (!bytes && !row[i].is_null()) plain_[i] = true;
        // MySQL takes all values of a column in one way.
        if (hexadecimal_[i] && plain_[i] && engine_ == config::Engine::mysql) {
            failed.set(errc::usage);
            failed.message = "bytes and something else in one column of a bulk load";
        }
    }
    text_ += '\n';
    bytes_ = text_.size();
}

void row_buffer::add_values(std::span<const Argument> row) {
    for (Argument value : row) {
        const bool text = value.kind() == Argument::Kind::text;
        if (text || value.kind() == Argument::Kind::bytes) {
            const std::string& content = *contents_.emplace_back(std::make_unique<std::string>(value.text()));
            value =
                text
                    ? Argument(content)
                    : Argument(BytesView(reinterpret_cast<const std::byte*>(content.data()), content.size()));
            bytes_ += content.size();
        }
        values_.push_back(value);
    }
}

bool row_buffer::is_full() const {
    if (bytes_ >= chunk_bytes) return true;
    if (how_ == policy::bulk_load::way::data) return false;
    return rows_ >= most_rows || values_.size() + columns_ > most_values;
}

std::string row_buffer::take_text() {
    std::string text = std::exchange(text_, {});
    clear();
    return text;
}

std::string row_buffer::placeholders() const {
    std::string out;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        out += i % columns_ == 0 ? (i == 0 ? "(" : "),(") : ",";
        out += "$" + std::to_string(i + 1);
    }
    return out + ")";
}

void row_buffer::clear() {
    text_.clear();
    values_.clear();
    contents_.clear();
    std::fill(hexadecimal_.begin(), hexadecimal_.end(), false);
    std::fill(plain_.begin(), plain_.end(), false);
    bytes_ = rows_ = 0;
}

}  // namespace fairlead::detail
