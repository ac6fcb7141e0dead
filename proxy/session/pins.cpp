#include "proxy/session/pins.h"

namespace fairlead::proxy {

policy::Pin pins::reason() const {
    return held_.has(first_) ? first_ : held_.first();
}

void pins::take(policy::PinSet kinds, bool more) {
    several_ |= more ? kinds : kinds & held_;
    if (held_.empty()) first_ = kinds.first();
    held_ |= kinds;
    ending_ -= kinds;
}

void pins::end(policy::PinSet kinds, bool one) {
    ending_ |= one ? kinds - several_ : kinds;
}

void pins::settle() {
    held_ -= ending_;
    several_ -= ending_;
    ending_ = {};
}

}  // namespace fairlead::proxy
