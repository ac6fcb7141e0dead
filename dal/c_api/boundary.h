#pragma once

#include "fairlead.h"
#include "fairlead/result_set.h"

#include <memory>
#include <string_view>
#include <utility>

namespace fairlead::dal::c_api {

/// The exception that is being handled, as an error that the caller of the C interface owns. Where even that
/// has no memory: one that is always there and that fairlead_error_free() leaves alone.
fairlead_error* current_failure() noexcept;

/// Stores it where the caller wants it, or drops it; its kind.
fairlead_kind hand_over(fairlead_error* failure, fairlead_error** error) noexcept;

/// Runs `work` and lets no exception out, which would be undefined behaviour in a caller that is not C++.
template <typename Work>
fairlead_kind guarded(fairlead_error** error, Work work) noexcept {
    if (error != nullptr) *error = nullptr;
    try {
        work();
        return FAIRLEAD_OK;
    } catch (...) {
        return hand_over(current_failure(), error);
    }
}

/// The same where `make` gives a handle: NULL on failure.
template <typename Handle, typename Make>
Handle* guarded_handle(fairlead_error** error, Make make) noexcept {
    Handle* made = nullptr;
    guarded(error, [&] { made = std::make_unique<Handle>(make()).release(); });
    return made;
}

/// What a pointer of the caller's points to; a NULL is a UsageError that says which.
template <typename T>
T& needed(T* pointer, std::string_view message) {
    if (pointer == nullptr) detail::fail_usage(message);
    return *pointer;
}
/// A text of the caller's, that must be there.
inline std::string_view needed_text(const char* text, std::string_view message) {
    return &needed(text, message);
}

}  // namespace fairlead::dal::c_api
