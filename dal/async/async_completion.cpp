#include "fairlead/async_completion.h"

#include <exception>
#include <utility>

namespace fairlead::detail {

async_origin::~async_origin() = default;
async_completion::~async_completion() = default;

std::exception_ptr to_exception(Diagnostics&& failed) {
    try {
        throw_error(std::move(failed));
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace fairlead::detail
