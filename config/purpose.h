#pragma once

namespace fairlead::config {

/// What a configuration is read for: the same file serves both. A proxy must have a listener; a library does
/// not look at listeners, users and the admin page, whose secrets its process need not have.
enum class Purpose { proxy, library };

}  // namespace fairlead::config
