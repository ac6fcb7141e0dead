#pragma once

#include "fairlead/result_set.h"

#include <iterator>
#include <memory>
#include <utility>

namespace fairlead {

namespace detail {
/// What is behind a RowStream.
class FAIRLEAD_API stream_source {
public:
    virtual ~stream_source();
    /// The next rows (at least one); null at the end or on failure. The last ones become invalid.
    virtual const result_data* next(Diagnostics& failed) = 0;
};
}  // namespace detail

/// Rows that are still coming, in bounded memory.
///
/// Errors: next() and the iterator have those of Queries; then the stream is at its end, and rows that came
/// before are good. The limit CallOptions::timeout is that of each wait for more rows. Threads: one at a
/// time. Lifetime: holds a server connection until its end is reached or it is destroyed, which cancels the
/// statement; in a transaction what is left is read instead, and when that takes longer than a second the
/// transaction is over. A row is valid until the next step. Movable.
///
///     for (const Row& row : acme.stream("SELECT id, note FROM orders")) use(row.get<int>(0));
class RowStream {
public:
    /// At its end.
    RowStream() = default;
    /// Made by the library.
    explicit RowStream(std::unique_ptr<detail::stream_source> source) : source_(std::move(source)) {}
    /// Leaves one that is at its end.
    RowStream(RowStream&& other) noexcept
        : source_(std::move(other.source_)), chunk_(std::exchange(other.chunk_, nullptr)), row_(other.row_) {}
    /// The same; cancels the own statement when it is not at its end.
    RowStream& operator=(RowStream&& other) noexcept {
        source_ = std::move(other.source_);
        chunk_ = std::exchange(other.chunk_, nullptr);
        row_ = other.row_;
        return *this;
    }

    /// Goes to the next row. False at the end, or with `failed` set.
    bool next(Diagnostics& failed) {
        if (chunk_ != nullptr && ++row_ < chunk_->rows()) return true;
        row_ = 0;
        chunk_ = source_ ? source_->next(failed) : nullptr;
        return chunk_ != nullptr;
    }
    /// The same; failures are thrown.
    bool next() {
        Diagnostics failed;
        const bool more = next(failed);
        if (failed) throw_error(std::move(failed));
        return more;
    }
    /// The row that next() went to, after it was true; valid until the next call.
    Row row() const { return {*chunk_, row_}; }

    /// Goes along the stream, once; an input iterator. Errors: advancing it throws what next() throws.
    /// Threads: one at a time. Lifetime: not longer than the stream, which must not be moved meanwhile.
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;  ///< one pass
        using value_type = Row;                             ///< what it gives
        using difference_type = std::ptrdiff_t;             ///< for the standard library
        using pointer = void;                               ///< there is no pointer to a Row
        using reference = Row;                              ///< a view, not a reference

        /// The end.
        iterator() = default;
        /// Goes to the first row.
        explicit iterator(RowStream* stream) : stream_(stream) { ++*this; }
        /// The row; valid until the iterator goes on.
        Row operator*() const { return stream_->row(); }
        /// Goes to the next row.
        iterator& operator++() {
            if (!stream_->next()) stream_ = nullptr;
            return *this;
        }
        /// The same.
        void operator++(int) { ++*this; }
        /// Whether both are at the end, or in the same stream.
        bool operator==(const iterator& other) const { return stream_ == other.stream_; }

    private:
        RowStream* stream_ = nullptr;
    };
    /// Fetches the first row.
    iterator begin() { return iterator(this); }
    /// The end.
    iterator end() { return {}; }

private:
    std::unique_ptr<detail::stream_source> source_;
    const detail::result_data* chunk_ = nullptr;
    std::size_t row_ = 0;
};

}  // namespace fairlead
