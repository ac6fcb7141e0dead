#pragma once

/// Marks what the shared library exports; everything else stays inside it.
#define FAIRLEAD_API __attribute__((visibility("default")))
