#pragma once

namespace fairlead::config {

/// What a configuration is read for: the same file serves both, but only a proxy must have a listener.
enum class Purpose { proxy, library };

}  // namespace fairlead::config
