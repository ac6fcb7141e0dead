#pragma once

#include "proxy/net/reactor.h"
#include "proxy/net/transport.h"
#include "proxy/wire/outgoing.h"

#include <cstdint>
#include <span>
#include <string>

namespace fairlead::proxy::net {

/// A stream in a reactor with the bytes that wait to be written to it and the bytes that were read but not
/// yet understood. Buffers exist only while there is something in them, so an idle connection has none.
class connection : public event_source {
public:
    connection(reactor& home, transport stream) : reactor_(&home), transport_(std::move(stream)) {}
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// Joins the reactor, waiting to read (and to write, for a connect in progress).
    bool attach(bool write = false);
    /// Leaves the reactor without closing, to be attached to another one.
    void detach();
    void move_to(reactor& home) { reactor_ = &home; }
    void close();
    bool is_open() const { return transport_.is_open(); }

    /// Writes as much as the socket takes now; the rest is copied and written when it takes more. False:
    /// broken.
    bool write(const outgoing& out);
    bool write(std::string_view bytes);
    /// Bytes that could not be written yet.
    std::size_t backlog() const { return pending_.size() - written_; }
    /// Tries again. False: broken.
    bool flush();

    /// Stops or resumes asking for readability.
    void want_read(bool wanted);
    void update_interest();

    /// From now on the reactor tells once of what has come, and does not look again at each wait whether it
    /// is still there: 7 % of a transaction. Whoever is told then reads, or says want_read(false), or
    /// ask_again(). With TLS nothing changes, since OpenSSL may leave in the socket what it was told of.
    void expect_edges();
    /// Has the reactor tell anew of what is there.
    void ask_again();

    /// Reads once. `fresh`: everything unread so far, in `scratch` or in the kept buffer; valid until the
    /// next call.
    io_result receive(std::span<std::uint8_t> scratch, Bytes& fresh);
    /// Of the bytes that receive() (or kept()) gave, `count` are done with; the rest is kept.
    void consume(Bytes fresh, std::size_t count);
    Bytes kept() const { return as_bytes(kept_); }

    transport& stream() { return transport_; }
    const transport& stream() const { return transport_; }

protected:
    ~connection() { close(); }
    /// What event_source::on_ready() is told.
    virtual void on_events(std::uint32_t events) = 0;

private:
    void on_ready(std::uint32_t events) final;
    bool write_parts(std::span<const iovec> parts, std::size_t total, std::size_t& taken);
    void after_read(const io_result& result, std::size_t room);

    reactor* reactor_;
    transport transport_;
    std::string pending_;
    std::size_t written_ = 0;
    std::string kept_;
    bool attached_ = false;
    bool reading_ = true;
    bool asked_write_ = false;
    bool asked_read_ = true;
    bool edges_ = false;
    bool peer_ended_ = false;
};

}  // namespace fairlead::proxy::net
