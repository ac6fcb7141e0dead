#pragma once

#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <utility>

namespace fairlead::dal {

/// Runs what it is given at once, on the thread that gives it: for handlers that only pass an event on, on
/// whichever thread of the context the reactor has woken. A value; refers to the context.
class inline_executor {
public:
    explicit inline_executor(boost::asio::execution_context& context) : context_(&context) {}

    template <typename Function>
    void execute(Function&& function) const {
        std::forward<Function>(function)();
    }
    boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
        return *context_;
    }
    bool operator==(const inline_executor& other) const noexcept = default;

private:
    boost::asio::execution_context* context_;
};

}  // namespace fairlead::dal
