#pragma once

/// What of the log is written and how, as the configuration and the logger name it.
namespace fairlead {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

}  // namespace fairlead
