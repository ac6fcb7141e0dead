#pragma once

#include "common/error.h"

#include <cassert>
#include <utility>
#include <variant>

namespace fairlead {

/// Either a value or an Error. The caller must look: reading the wrong side is a programming error (assert).
template <typename T, typename E = Error>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & { return (assert(ok()), *std::get_if<0>(&state_)); }
    const T& value() const& { return (assert(ok()), *std::get_if<0>(&state_)); }
    T&& value() && { return (assert(ok()), std::move(*std::get_if<0>(&state_))); }
    const E& error() const { return (assert(!ok()), *std::get_if<1>(&state_)); }

    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }

private:
    std::variant<T, E> state_;
};

/// Success without a value, or an Error.
template <typename E>
class [[nodiscard]] Result<void, E> {
public:
    Result() = default;
    Result(E error) : error_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return error_.index() == 0; }
    explicit operator bool() const { return ok(); }
    const E& error() const { return (assert(!ok()), *std::get_if<1>(&error_)); }

private:
    std::variant<std::monostate, E> error_;
};

using Status = Result<void>;

}  // namespace fairlead
