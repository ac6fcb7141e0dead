#pragma once

#include "dal/async/async_call.h"
#include "dal/async/inline_executor.h"
#include "dal/driver/descriptor_set.h"
#include "dal/session/operation.h"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace fairlead::dal {

/// The calls that run on one execution context: keeps them alive, waits for their descriptors, and destroys
/// those that are left when the context goes. Found by boost::asio::use_service; thread-safe.
///
/// Server connections are waited for in a set of our own, and that set is what the context waits for. They
/// belong to libpq and libmysqlclient, which close them when they like, and pass from one context to another
/// and to threads that use poll(): as descriptors registered with Asio each would have to be taken out in
/// time, or Asio would later take out whoever has got the number.
class async_service final : public boost::asio::execution_context::service {
public:
    using key_type = async_service;
    static boost::asio::execution_context::id id;

    explicit async_service(boost::asio::execution_context& context);
    ~async_service() override;

    /// Keeps `call` until remove(); its place here.
    std::uint32_t add(std::shared_ptr<async_call> call);
    void remove(std::uint32_t place);
    /// async_call::on_ready() will be called on the call's executor, once. False: it cannot be waited for.
    bool arm(std::uint32_t place, const Step& step);
    void disarm(std::uint32_t place);
    /// async_call::woken() will be called on the call's executor, or, should it be too late, nothing happens.
    /// Any thread, as long as the context is there.
    void wake(std::shared_ptr<async_call> call);

    /// Whether `executor` has no order of its own, so that any thread of the context may run what is for it.
    static bool is_plain(const boost::asio::any_io_executor& executor);

private:
    struct Place {
        std::shared_ptr<async_call> call;
        std::uint32_t wait_number = 0;  // tells an event of a wait that was given up from that of the next
        int descriptor = -1;            // while armed
        Wait wait = Wait::nothing;
    };
    struct Ready {
        std::shared_ptr<async_call> call;
        Wait wait = Wait::nothing;  // nothing: it was woken
    };

    /// What comes next for whoever serves: a call that can go on, or one that is over and not yet told.
    /// Neither: nothing.
    struct Turn {
        Ready ready;
        async_call::Finished finished;
    };

    /// First in, first out; keeps its memory.
    template <typename Item>
    class line {
    public:
        std::size_t size() const { return all_.size() - first_; }
        bool empty() const { return size() == 0; }
        void push_back(Item item) { all_.push_back(std::move(item)); }
        /// Not empty.
        Item take() {
            Item next = std::move(all_[first_++]);
            if (empty()) {
                all_.clear();
                first_ = 0;
            }
            return next;
        }

    private:
        std::vector<Item> all_;
        std::size_t first_ = 0;
    };

    void shutdown() override;
    void watch();
    void on_set_readable();
    void harvest();
    Ready fire(const descriptor_set::Event& event);
    static async_call::Finished go_on(const Ready& ready);
    static void post(Ready ready);
    void serve();
    Turn take();  // with the lock
    std::size_t left() const { return woken_.size() + ready_.size() + finished_.size(); }
    void call_for_help();

    std::mutex mutex_;
    std::vector<Place> places_;
    std::vector<std::uint32_t> free_;
    descriptor_set set_;
    boost::asio::posix::basic_stream_descriptor<inline_executor> set_descriptor_;
    std::uint32_t armed_ = 0;

    // Calls on plain executors. Whoever serves takes one after the other: those that were granted a
    // connection, whose server is idle, before the handlers of those that are over, which find their results
    // still in the processor's caches, before those whose answer came. Others of the context's threads are
    // called to help where one could be held up.
    line<Ready> woken_;
    line<async_call::Finished> finished_;
    line<Ready> ready_;
    std::size_t stepping_ = 0;  // threads that let a call go on, and will look for the next soon
    bool help_called_ = false;  // a serve() was posted and has not begun
    bool watching_ =
        false;  // the context waits for the set; counts as work, so only while something is armed
    bool shut_down_ = false;
};

}  // namespace fairlead::dal
