#pragma once

#include "fairlead/result_set.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal::mysql {

using column_names = std::vector<std::string>;

/// Rows as text in blocks of memory that never move: what a result, or one helping of a stream, consists of.
/// Filled cell by cell, row by row.
class row_block final : public detail::result_data {
public:
    explicit row_block(std::shared_ptr<const column_names> names);
    row_block(const row_block&) = delete;
    row_block& operator=(const row_block&) = delete;

    std::size_t columns() const override { return names_->size(); }
    std::size_t rows() const override { return names_->empty() ? 0 : cells_.size() / names_->size(); }
    std::string_view column_name(std::size_t column) const override { return (*names_)[column]; }
    Field field(std::size_t row, std::size_t column) const override {
        const cell& at = cells_[row * names_->size() + column];
        return {at.data, at.size};
    }

    void add_null() { cells_.push_back({nullptr, 0}); }
    /// Room for the next cell's `size` bytes; add() says how many of them it has taken. Valid until then.
    char* room(std::size_t size) { return size <= left_ ? at_ : grow(size); }
    void add(std::size_t size) {
        cells_.push_back({at_, size});
        at_ += size;
        left_ -= size;
        bytes_ += size;
    }
    /// How much more than was asked for is there.
    std::size_t left() const { return left_; }

    /// Bytes of all values.
    std::size_t bytes() const { return bytes_; }

private:
    struct cell {
        const char* data;  // null: NULL
        std::size_t size;
    };
    struct block {
        std::unique_ptr<char[]> memory;
        std::size_t size;
    };
    char* grow(std::size_t size);

    std::shared_ptr<const column_names> names_;
    std::vector<cell> cells_;
    std::vector<block> blocks_;
    std::array<char, 256> first_;  // for the values of a short row; then blocks
    char* at_ = first_.data();
    std::size_t left_ = first_.size();
    std::size_t bytes_ = 0;
};

}  // namespace fairlead::dal::mysql
