#pragma once

#include "fairlead/api.h"
#include "fairlead/error.h"
#include "fairlead/value.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace fairlead {

namespace detail {

/// Where the values of a result are. Made by the engines' drivers; immutable once a ResultSet holds it.
class FAIRLEAD_API result_data {
public:
    virtual ~result_data();
    virtual std::size_t columns() const = 0;
    virtual std::size_t rows() const = 0;
    virtual std::string_view column_name(std::size_t column) const = 0;
    virtual Field field(std::size_t row, std::size_t column) const = 0;
};

[[noreturn]] FAIRLEAD_API void fail_columns(std::size_t expected, std::size_t found);
[[noreturn]] FAIRLEAD_API void fail_conversion(std::string_view column, const Field& field);
[[noreturn]] FAIRLEAD_API void fail_usage(std::string_view message);

}  // namespace detail

/// One row of a ResultSet or of a stream.
///
/// Errors: UsageError for a column that is not there, ConversionError for a value that is not what was asked
/// for. Threads: any number may read it. Lifetime: a view; not longer than its result, or until its stream
/// goes on.
class Row {
public:
    /// Made by the library.
    Row(const detail::result_data& data, std::size_t row) : data_(&data), row_(row) {}

    /// How many columns it has.
    std::size_t size() const { return data_->columns(); }
    /// As the statement names it. UsageError: there is no such column.
    std::string_view column_name(std::size_t column) const {
        if (column >= size()) detail::fail_columns(column + 1, size());
        return data_->column_name(column);
    }
    /// The value as text, not decoded. UsageError: there is no such column.
    Field operator[](std::size_t column) const {
        if (column >= size()) detail::fail_columns(column + 1, size());
        return data_->field(row_, column);
    }
    /// The same, of the first column of that name.
    Field operator[](std::string_view column) const { return data_->field(row_, index_of(column)); }

    /// The value as a T. ConversionError: it is none (see Decoder). UsageError: there is no such column.
    template <typename T>
    T get(std::size_t column) const {
        T out{};
        const Field field = (*this)[column];
        if ((field.is_null() && !is_optional<T>) || !Decoder<T>::decode(field, out))
            detail::fail_conversion(data_->column_name(column), field);
        return out;
    }
    /// The same, of the first column of that name.
    template <typename T>
    T get(std::string_view column) const {
        return get<T>(index_of(column));
    }
    /// All columns, in their order. UsageError: there are more, or fewer.
    template <typename... Columns>
    std::tuple<Columns...> as() const {
        if (size() != sizeof...(Columns)) detail::fail_columns(sizeof...(Columns), size());
        return decode<Columns...>(std::index_sequence_for<Columns...>());
    }

private:
    template <typename... Columns, std::size_t... I>
    std::tuple<Columns...> decode(std::index_sequence<I...>) const {
        return std::tuple<Columns...>{get<Columns>(I)...};
    }
    FAIRLEAD_API std::size_t index_of(std::string_view column) const;

    const detail::result_data* data_;
    std::size_t row_;
};

namespace detail {

/// Row numbers as an iterator; `Make` turns a row into what dereferencing gives.
template <typename Value, typename Make>
class row_iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Value;

    row_iterator() = default;
    row_iterator(const result_data* data, std::size_t row) : data_(data), row_(row) {}
    Value operator*() const { return Make()(Row(*data_, row_)); }
    row_iterator& operator++() { return ++row_, *this; }
    row_iterator operator++(int) { return {data_, row_++}; }
    bool operator==(const row_iterator& other) const { return row_ == other.row_; }
    const result_data* data() const { return data_; }

private:
    const result_data* data_ = nullptr;
    std::size_t row_ = 0;
};

struct same_row {
    Row operator()(Row row) const { return row; }
};
template <typename... Columns>
struct row_as {
    std::tuple<Columns...> operator()(Row row) const { return row.as<Columns...>(); }
};

}  // namespace detail

/// The whole result of one statement, in memory. Cheap to copy: copies share the rows.
///
/// Errors: UsageError for a row or column that is not there. Threads: any number may read it. Lifetime:
/// independent of its connection, its tenant and the DataSource; rows and fields live as long as any copy.
class ResultSet {
public:
    /// Gives Row; an input iterator.
    using iterator = detail::row_iterator<Row, detail::same_row>;

    /// Without rows and columns.
    ResultSet() = default;
    /// Made by the library.
    ResultSet(std::shared_ptr<const detail::result_data> data, std::uint64_t affected,
              std::uint64_t insert_id)
        : data_(std::move(data)), affected_(affected), insert_id_(insert_id) {}

    /// How many rows there are.
    std::size_t size() const { return data_ ? data_->rows() : 0; }
    /// Whether there are none.
    bool empty() const { return size() == 0; }
    /// How many columns each row has; 0 for statements without rows.
    std::size_t columns() const { return data_ ? data_->columns() : 0; }
    /// As the statement names it; lives as long as the result. UsageError: there is no such column.
    std::string_view column_name(std::size_t column) const {
        if (column >= columns()) detail::fail_columns(column + 1, columns());
        return data_->column_name(column);
    }
    /// Rows that INSERT, UPDATE, DELETE or MERGE touched.
    std::uint64_t affected() const { return affected_; }
    /// What AUTO_INCREMENT gave (MySQL); 0: nothing. In PostgreSQL use RETURNING.
    std::uint64_t insert_id() const { return insert_id_; }

    /// UsageError: there is no such row.
    Row operator[](std::size_t row) const {
        if (row >= size()) detail::fail_usage("there is no such row");
        return {*data_, row};
    }
    /// The first row. UsageError: there is none.
    Row front() const { return (*this)[0]; }
    /// To the first row; valid while a copy of this lives.
    iterator begin() const { return {data_.get(), 0}; }
    /// Behind the last row.
    iterator end() const { return {data_.get(), size()}; }

private:
    std::shared_ptr<const detail::result_data> data_;
    std::uint64_t affected_ = 0;
    std::uint64_t insert_id_ = 0;
};

/// A ResultSet whose rows are tuples.
///
/// Errors: UsageError at once where the number of columns is another; ConversionError, when a row is looked
/// at, where a value is not what was asked for. Threads: any number may read it. Lifetime: as a ResultSet;
/// tuples own what they hold, but for a std::string_view.
template <typename... Columns>
class TypedRows {
public:
    /// What a row becomes.
    using value_type = std::tuple<Columns...>;
    /// Gives value_type; an input iterator.
    using iterator = detail::row_iterator<value_type, detail::row_as<Columns...>>;

    /// Without rows.
    TypedRows() = default;
    /// UsageError: the result has another number of columns.
    explicit TypedRows(ResultSet result) : result_(std::move(result)) {
        if (result_.columns() != sizeof...(Columns))
            detail::fail_columns(sizeof...(Columns), result_.columns());
    }

    /// How many rows there are.
    std::size_t size() const { return result_.size(); }
    /// Whether there are none.
    bool empty() const { return result_.empty(); }
    /// ConversionError: a value is not what was asked for. UsageError: there is no such row.
    value_type operator[](std::size_t row) const { return result_[row].template as<Columns...>(); }
    /// The first row; as operator[].
    value_type front() const { return (*this)[0]; }
    /// To the first row; valid while this lives.
    iterator begin() const { return at(0); }
    /// Behind the last row.
    iterator end() const { return at(size()); }
    /// The same rows, not decoded.
    const ResultSet& result() const { return result_; }

private:
    iterator at(std::size_t row) const { return {result_.begin().data(), row}; }

    ResultSet result_;
};

namespace detail {

template <typename... Columns>
std::optional<std::tuple<Columns...>> only_row(const TypedRows<Columns...>& rows) {
    if (rows.size() > 1) fail_usage("the statement returned more than one row");
    if (rows.empty()) return std::nullopt;
    return rows.front();
}

template <typename T>
T only_value(const TypedRows<T>& rows) {
    auto row = only_row(rows);
    if (!row) fail_usage("the statement returned no row");
    return std::get<0>(*std::move(row));
}

}  // namespace detail

}  // namespace fairlead
