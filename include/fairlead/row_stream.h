#pragma once

#include "fairlead/result_set.h"

#include <iterator>
#include <memory>

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

/// Rows that are still coming. Movable, used by one thread at a time. Destroying it before the end cancels
/// the statement. The Row that an iterator gives is valid until the next step.
///
///     for (const Row& row : acme.stream("SELECT id, note FROM orders")) use(row.get<int>(0));
class RowStream {
public:
    RowStream() = default;
    explicit RowStream(std::unique_ptr<detail::stream_source> source) : source_(std::move(source)) {}

    /// False at the end, or with `failed` set.
    bool next(Diagnostics& failed) {
        if (chunk_ != nullptr && ++row_ < chunk_->rows()) return true;
        row_ = 0;
        chunk_ = source_ ? source_->next(failed) : nullptr;
        return chunk_ != nullptr;
    }
    bool next() {
        Diagnostics failed;
        const bool more = next(failed);
        if (failed) throw_error(std::move(failed));
        return more;
    }
    /// After next() was true.
    Row row() const { return {*chunk_, row_}; }

    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Row;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Row;

        iterator() = default;
        explicit iterator(RowStream* stream) : stream_(stream) { ++*this; }
        Row operator*() const { return stream_->row(); }
        iterator& operator++() {
            if (!stream_->next()) stream_ = nullptr;
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(const iterator& other) const { return stream_ == other.stream_; }

    private:
        RowStream* stream_ = nullptr;
    };
    iterator begin() { return iterator(this); }
    iterator end() { return {}; }

private:
    std::unique_ptr<detail::stream_source> source_;
    const detail::result_data* chunk_ = nullptr;
    std::size_t row_ = 0;
};

}  // namespace fairlead
