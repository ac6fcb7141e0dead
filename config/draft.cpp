#include "config/draft.h"

namespace fairlead::config {

Location Draft::place(std::string_view dotted_key) const {
    for (;;) {
        if (auto found = places.find(dotted_key); found != places.end()) return found->second;
        auto dot = dotted_key.rfind('.');
        if (dot == std::string_view::npos) return {};
        dotted_key = dotted_key.substr(0, dot);
    }
}

}  // namespace fairlead::config
