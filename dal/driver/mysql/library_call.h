#pragma once

#include "dal/driver/server_session.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace fairlead::dal::mysql {

/// One call of the client library's non-blocking interface at a time. Every function there exists as
/// X_start(&result, arguments...) and X_cont(&result, object, status); both say what to wait for, and 0 at
/// the end. This runs such a pair and hands the waiting out. The library keeps a pointer to the result while
/// it waits: not movable.
class library_call {
public:
    library_call() = default;
    library_call(const library_call&) = delete;
    library_call& operator=(const library_call&) = delete;

    /// True: finished at once. `object`, the first argument, must stay until the call has finished.
    template <auto Start, auto Cont, typename Object, typename... Arguments>
    bool start(Object* object, Arguments... arguments) {
        using Result = decltype(result_type(Cont));
        auto* const result = new (result_) Result{};
        object_ = object;
        go_on_ = [](library_call& call, int ready) {
            auto* const at = std::launder(reinterpret_cast<Result*>(call.result_));
            return Cont(at, static_cast<Object*>(call.object_), ready);
        };
        read_ = [](library_call& call) {
            const Result value = *std::launder(reinterpret_cast<Result*>(call.result_));
            if constexpr (std::is_pointer_v<Result>) {
                call.pointer_ = value;
                return value != nullptr ? 0 : 1;
            } else {
                return static_cast<int>(value);
            }
        };
        return settle(Start(result, object, arguments...));
    }
    /// The same call's blocking form, here and now. (Sparing the library its coroutine is 0.1 us a query.)
    template <auto Function, typename Object>
    void run(Object* object) {
        status_ = 0;
        value_ = static_cast<int>(Function(object));
    }
    /// After waiting. True: finished.
    bool go_on(Wait ready) { return settle(go_on_(*this, static_cast<int>(ready))); }

    bool is_waiting() const { return status_ != 0; }
    /// Bits beyond these stand for the library's own time limits, which nobody sets here.
    Wait wanted() const { return static_cast<Wait>(status_ & static_cast<int>(Wait::either)); }
    /// Of the call that finished last; 0: it went well.
    int value() const { return value_; }
    /// What it returned, if that was a pointer.
    void* pointer() const { return pointer_; }

private:
    template <typename Result, typename Object>
    static Result result_type(int (*)(Result*, Object*, int));

    bool settle(int status) {
        status_ = status;
        if (status != 0) return false;
        value_ = read_(*this);
        return true;
    }

    alignas(void*) std::byte result_[sizeof(void*)];
    void* object_ = nullptr;
    void* pointer_ = nullptr;
    int (*go_on_)(library_call&, int) = nullptr;
    int (*read_)(library_call&) = nullptr;
    int status_ = 0;
    int value_ = 0;
};

// MYSQL_WAIT_READ and MYSQL_WAIT_WRITE have the same values (asserted where the library's header is).
}  // namespace fairlead::dal::mysql
