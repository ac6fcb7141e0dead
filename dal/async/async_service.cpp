#include "dal/async/async_service.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <utility>

namespace fairlead::dal {
namespace {

constexpr std::size_t batch_size = 64;
constexpr std::size_t few = 8;  // one thread lets them go on before another would have begun

Wait came(const descriptor_set::Event& event, Wait waited_for) {
    // Broken: reading or writing will say how.
    if (event.broken) return waited_for;
    const unsigned bits = (event.readable ? static_cast<unsigned>(Wait::readable) : 0u) |
                          (event.writable ? static_cast<unsigned>(Wait::writable) : 0u);
    return static_cast<Wait>(bits);
}

}  // namespace

boost::asio::execution_context::id async_service::id;

async_service::async_service(boost::asio::execution_context& context)
    // The descriptor brings Asio's own services into the context before this one, so they go after it.
    : service(context), set_descriptor_(inline_executor(context)) {
    if (set_.is_open()) set_descriptor_.assign(set_.descriptor());
}

async_service::~async_service() = default;

std::uint32_t async_service::add(std::shared_ptr<async_call> call) {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
        places_.emplace_back();
        free_.push_back(static_cast<std::uint32_t>(places_.size() - 1));
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    places_[place].call = std::move(call);
    return place;
}

void async_service::remove(std::uint32_t place) {
    std::shared_ptr<async_call> call;  // destroyed behind the lock
    const std::lock_guard lock(mutex_);
    if (shut_down_) return;
    call = std::exchange(places_[place].call, nullptr);
    free_.push_back(place);
}

bool async_service::arm(std::uint32_t place, const Step& step) {
    const std::lock_guard lock(mutex_);
    if (shut_down_ || !set_.is_open()) return false;
    Place& at = places_[place];
    ++at.wait_number;
    const std::uint64_t name = (std::uint64_t{at.wait_number} << 32) | place;
    if (!set_.arm(step.descriptor, step.wait, name, step.connection, step.all_read)) return false;
    at.descriptor = step.descriptor;
    at.wait = step.wait;
    ++armed_;
    watch();
    return true;
}

void async_service::disarm(std::uint32_t place) {
    const std::lock_guard lock(mutex_);
    if (shut_down_) return;
    Place& at = places_[place];
    if (at.descriptor < 0) return;
    set_.disarm(std::exchange(at.descriptor, -1));
    if (--armed_ == 0 && watching_) set_descriptor_.cancel();
}

void async_service::watch() {
    if (watching_ || armed_ == 0) return;
    watching_ = true;
    set_descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                               [this](const boost::system::error_code&) { on_set_readable(); });
}

void async_service::on_set_readable() {
    harvest();
    serve();
}

void async_service::harvest() {
    std::array<descriptor_set::Event, batch_size> events;
    std::array<Ready, batch_size> elsewhere;
    std::size_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        watching_ = false;
        if (shut_down_) return;
        for (const descriptor_set::Event& event : std::span(events).first(set_.harvest(events))) {
            Ready one = fire(event);
            if (!one.call) continue;
            if (one.call->is_plain()) {
                ready_.push_back(std::move(one));
            } else {
                elsewhere[count++] = std::move(one);
            }
        }
        watch();
    }
    for (Ready& one : std::span(elsewhere).first(count)) post(std::move(one));
}

async_call::Finished async_service::go_on(const Ready& ready) {
    return ready.wait == Wait::nothing ? ready.call->woken() : ready.call->on_ready(ready.wait);
}

void async_service::post(Ready ready) {
    const boost::asio::any_io_executor executor = ready.call->executor();
    boost::asio::post(executor, [ready = std::move(ready)] {
        if (async_call::Finished over = go_on(ready)) over.tell();
    });
}

void async_service::wake(std::shared_ptr<async_call> call) {
    if (!call->is_plain()) return post({std::move(call), Wait::nothing});
    const std::lock_guard lock(mutex_);
    if (shut_down_) return;
    woken_.push_back({std::move(call), Wait::nothing});
    if (stepping_ == 0) call_for_help();
}

bool async_service::is_plain(const boost::asio::any_io_executor& executor) {
    return executor.target<boost::asio::io_context::executor_type>() != nullptr;
}

void async_service::call_for_help() {
    if (std::exchange(help_called_, true)) return;
    // There are plain executors only of an io_context.
    boost::asio::post(static_cast<boost::asio::io_context&>(context()), [this] {
        {
            const std::lock_guard lock(mutex_);
            help_called_ = false;
        }
        serve();
    });
}

void async_service::serve() {
    std::unique_lock lock(mutex_);
    // Others have their turn, too: help was called for what is left.
    for (std::size_t i = 0; i < batch_size; ++i) {
        Turn next = take();
        const bool is_step = next.ready.call != nullptr;
        if (!is_step && !next.finished) return;
        lock.unlock();
        async_call::Finished over;
        if (is_step) {
            over = go_on(next.ready);
        } else {
            next.finished.tell();
        }
        next = {};  // perhaps the last of a call, and with it something of the application's
        lock.lock();
        if (shut_down_) return lock.unlock();  // before `over` goes
        if (is_step) --stepping_;
        if (over) finished_.push_back(std::move(over));
    }
    if (left() > 0) call_for_help();
}

async_service::Turn async_service::take() {
    Turn next;
    if (!woken_.empty()) {
        next.ready = woken_.take();
    } else if (!finished_.empty()) {
        next.finished = finished_.take();
    } else if (!ready_.empty()) {
        next.ready = ready_.take();
    }
    if (next.ready.call) ++stepping_;
    // A handler may take its time.
    if (left() > (next.finished ? 0 : few)) call_for_help();
    return next;
}

async_service::Ready async_service::fire(const descriptor_set::Event& event) {
    Place& at = places_[static_cast<std::uint32_t>(event.key)];
    if (at.descriptor < 0 || at.wait_number != event.key >> 32) return {};
    at.descriptor = -1;
    --armed_;
    return {at.call, came(event, at.wait)};
}

void async_service::shutdown() {
    std::vector<Place> places;
    line<Ready> lines[2];
    line<async_call::Finished> finished;
    {
        const std::lock_guard lock(mutex_);
        shut_down_ = true;
        places.swap(places_);
        std::swap(lines[0], woken_);
        std::swap(lines[1], ready_);
        std::swap(finished, finished_);
        // The set is closed by its owner.
        if (set_descriptor_.is_open()) set_descriptor_.release();
    }
    for (Place& place : places) {
        if (place.call) place.call->abandon();
    }
}

}  // namespace fairlead::dal
