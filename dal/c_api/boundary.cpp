#include "dal/c_api/boundary.h"

#include "dal/c_api/handles.h"

#include <exception>
#include <new>

namespace fairlead::dal::c_api {

namespace {

Diagnostics diagnostics_of(errc kind, std::string_view message) {
    Diagnostics diagnostics;
    diagnostics.set(kind);
    diagnostics.message = message;
    return diagnostics;
}

/// Made without allocation: the text fits into the string itself.
fairlead_error& no_memory() noexcept {
    static fairlead_error error{diagnostics_of(errc::resources, "out of memory")};
    return error;
}

Diagnostics diagnostics_of_current() {
    try {
        throw;
    } catch (const DatabaseError& failure) {
        return failure.diagnostics();
    } catch (const std::exception& failure) {
        return diagnostics_of(errc::usage, failure.what());
    } catch (...) {
        return diagnostics_of(errc::usage, "an exception of an unknown type");
    }
}

}  // namespace

fairlead_error* current_failure() noexcept {
    try {
        try {
            throw;
        } catch (const std::bad_alloc&) {
            return &no_memory();
        } catch (...) {
            return new fairlead_error{diagnostics_of_current()};
        }
    } catch (...) {
        return &no_memory();
    }
}

fairlead_kind hand_over(fairlead_error* failure, fairlead_error** error) noexcept {
    const fairlead_kind kind = fairlead_error_kind(failure);
    if (error != nullptr)
        *error = failure;
    else
        fairlead_error_free(failure);
    return kind;
}

}  // namespace fairlead::dal::c_api

using fairlead::dal::c_api::no_memory;

fairlead_error* fairlead_error_new(fairlead_kind kind, const char* message) {
    fairlead_error* made = nullptr;
    fairlead_error* failure = nullptr;
    fairlead::dal::c_api::guarded(&failure, [&] {
        const auto known = kind > FAIRLEAD_OK && kind <= FAIRLEAD_CONVERSION ? kind : FAIRLEAD_USAGE;
        made = new fairlead_error{fairlead::dal::c_api::diagnostics_of(static_cast<fairlead::errc>(known),
                                                                       message != nullptr ? message : "")};
    });
    return made != nullptr ? made : failure;
}

void fairlead_error_free(fairlead_error* error) {
    if (error != &no_memory()) delete error;
}
