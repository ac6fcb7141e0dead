#include "dal/async/async_call.h"

#include "dal/async/async_service.h"
#include "dal/driver/server_error.h"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace fairlead::dal {
namespace asio = boost::asio;
using fairlead::detail::async_outcome;

struct async_call::Remains {
    std::unique_ptr<async_work> work;
    Completion completion;
    asio::any_io_executor tracked;
    std::optional<asio::steady_timer> timer;
    std::unique_ptr<std::stop_callback<Stop>> stop;
};

async_service& async_call::service_of(const asio::any_io_executor& executor) {
    return asio::use_service<async_service>(asio::query(executor, asio::execution::context));
}

async_call::async_call(async_service& service, const asio::any_io_executor& executor,
                       std::unique_ptr<async_work> work, Completion completion)
    : service_(service),
      plain_(async_service::is_plain(executor)),
      executor_(executor),
      work_(std::move(work)),
      completion_(std::move(completion)),
      tracked_(asio::prefer(executor, asio::execution::outstanding_work.tracked)) {}

async_call::~async_call() = default;

void async_call::start(async_service& service, const asio::any_io_executor& executor,
                       std::unique_ptr<async_work> work, Completion completion, const std::stop_token& stop) {
    const auto call = std::make_shared<async_call>(service, executor, std::move(work), std::move(completion));
    if (Finished over = call->begin(stop)) over.tell(true);
}

async_call::Finished async_call::begin(const std::stop_token& stop) {
    // From here on, so that nobody interrupts what has not begun.
    std::unique_lock lock(mutex_);
    place_ = service_.add(shared_from_this());
    if (stop.stop_requested()) {
        Diagnostics failed;
        failed.set(errc::cancelled);
        failed.message = "the call was cancelled before it began";
        return finish(lock, failed);
    }
    connect_cancellation();
    if (stop.stop_possible()) {
        stop_ = std::make_unique<std::stop_callback<Stop>>(stop, Stop{weak_from_this()});
    }
    // The operation ends before this does, and from then on nothing is told any more.
    work_->operation().on_wakeup([this] { wake(); });
    return advance(lock, Wait::nothing);
}

void async_call::connect_cancellation() {
    auto slot = completion_->slot();
    if (!slot.is_connected()) return;
    slot.assign([weak = weak_from_this()](asio::cancellation_type type) {
        const auto soon = asio::cancellation_type::terminal | asio::cancellation_type::partial;
        const bool only_if_unsent = (type & soon) == asio::cancellation_type::none;
        if (const auto call = weak.lock()) call->request_interrupt(errc::cancelled, only_if_unsent);
    });
}

void async_call::Stop::operator()() const {
    if (const auto held = call.lock()) held->request_interrupt(errc::cancelled, false);
}

template <typename Function>
void async_call::post(Function function) {
    const std::lock_guard lock(gate_);
    if (executor_) asio::post(executor_, std::move(function));
}

void async_call::wake() {
    const std::lock_guard lock(gate_);
    if (executor_) service_.wake(shared_from_this());
}

async_call::Finished async_call::woken() {
    std::unique_lock lock(mutex_);
    return state_ == State::wakeup ? advance(lock, Wait::nothing) : Finished();
}

async_call::Finished async_call::on_ready(Wait ready) {
    std::unique_lock lock(mutex_);
    return state_ == State::descriptor ? advance(lock, ready) : Finished();
}

void async_call::request_interrupt(errc why, bool only_if_unsent) {
    post([call = shared_from_this(), why, only_if_unsent] { call->interrupt(why, only_if_unsent); });
}

void async_call::interrupt(errc why, bool only_if_unsent) {
    std::unique_lock lock(mutex_);
    if (state_ == State::over || (only_if_unsent && sent_)) return;
    if (state_ == State::descriptor) service_.disarm(place_);
    work_->operation().interrupt(why);
    finish(lock, work_->operation().failed()).tell();
}

async_call::Finished async_call::advance(std::unique_lock<std::mutex>& lock, Wait ready) {
    Operation& operation = work_->operation();
    const Step step = operation.advance(ready);
    if (step.kind == Step::Kind::done) return finish(lock, operation.failed());
    if (!wait_for(step)) {
        operation.interrupt(errc::cancelled);
        return finish(lock, connection_error("the server connection cannot be waited for"));
    }
    watch_deadline();
    return {};
}

bool async_call::wait_for(const Step& step) {
    if (step.kind == Step::Kind::wakeup) {
        state_ = State::wakeup;
        return true;
    }
    state_ = State::descriptor;
    sent_ = true;
    return service_.arm(place_, step);
}

void async_call::watch_deadline() {
    const auto deadline = work_->operation().deadline();
    if (!deadline || deadline == deadline_) return;
    deadline_ = deadline;
    if (!timer_) timer_.emplace(executor_);
    timer_->expires_at(*deadline);
    timer_->async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        if (error) return;
        if (const auto call = weak.lock()) call->interrupt(errc::deadline, false);
    });
}

async_call::Finished async_call::finish(std::unique_lock<std::mutex>& lock, const Diagnostics& failed) {
    async_outcome outcome;
    if (failed) outcome.failed = std::make_unique<Diagnostics>(failed);
    if (!outcome.failed) work_->collect(outcome);
    const auto self = shared_from_this();  // the service may hold the last one
    Remains remains = take_remains();
    lock.unlock();
    service_.remove(place_);
    // What the operation has on loan goes back before the application goes on.
    remains.work.reset();
    remains.stop.reset();
    return {std::move(remains.completion), std::move(outcome)};
}

async_call::Remains async_call::take_remains() {
    state_ = State::over;
    return {std::move(work_), std::move(completion_), std::move(tracked_),
            timer_ ? std::exchange(timer_, std::nullopt) : std::nullopt, std::move(stop_)};
}

void async_call::abandon() {
    std::unique_lock lock(mutex_);
    if (state_ == State::over) return;
    if (state_ != State::fresh) work_->operation().interrupt(errc::cancelled);
    const Remains remains = take_remains();
    lock.unlock();
    const std::lock_guard gate(gate_);
    executor_ = {};
}

}  // namespace fairlead::dal
