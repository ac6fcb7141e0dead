#pragma once

#include "fairlead/error.h"

namespace fairlead::dal {

/// What calls are told that come after the last handle of their data source is gone.
inline Diagnostics data_source_closed() {
    Diagnostics why;
    why.set(errc::usage);
    why.message = "the data source is closed";
    return why;
}

}  // namespace fairlead::dal
