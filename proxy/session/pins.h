#pragma once

#include "policy/verdict.h"

namespace fairlead::proxy {

/// The causes that keep a client on its link. The link is free again when all have ended; a cause ends only
/// when no transaction is open any more, since what ended it may be rolled back until then. Not thread-safe.
class pins {
public:
    /// The first cause that has not ended; Pin::none when there is none.
    policy::Pin reason() const;

    /// `more`: there may be more than one of a kind, as after a text of several statements.
    void take(policy::PinSet kinds, bool more = false);
    /// A statement that succeeded ends these; settle() makes it hold. `one`: one cause of its kind, so that
    /// nothing is known to be left only if there was no other.
    void end(policy::PinSet kinds, bool one = false);
    /// What ended since the last call was undone, or may have been.
    void undo_ends() { ending_ = {}; }
    /// No transaction is open: what was to end has ended.
    void settle();
    void clear() { *this = {}; }

private:
    policy::PinSet held_;
    policy::PinSet several_;  // of held_: more than one may be left
    policy::PinSet ending_;
    policy::Pin first_ = policy::Pin::none;
};

}  // namespace fairlead::proxy
