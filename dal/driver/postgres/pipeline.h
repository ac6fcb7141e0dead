#pragma once

#include "dal/driver/postgres/handles.h"
#include "dal/driver/postgres/parameters.h"
#include "dal/driver/prepared_statements.h"
#include "dal/driver/server_session.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal::postgres {

using Prepared = PreparedStatements<std::string>;  // by their names

/// Why something was sent: what its answer means.
enum class Purpose : std::uint8_t {
    close,            // DEALLOCATE of a statement that was given up
    prepare_context,  // the statement that sets the context
    connection_tag,
    begin,
    context,
    parse,
    statement,
    stream,
    command,
    discard,  // DISCARD ALL
    sync,
};

/// One thing that was sent and its answer.
struct Part {
    Purpose purpose;
    std::uint32_t index = 0;                  // which of several of its purpose
    Prepared::Statement* prepared = nullptr;  // of parse, statement and stream
};

/// libpq's pipeline mode, with the meaning of what is on the way. Between syncs the server skips everything
/// behind a failure, and runs what has no BEGIN as one transaction. Never blocks. Not thread-safe.
class Pipeline {
public:
    /// `connection` must outlive the use of this object; logged in, non-blocking. False: libpq refused.
    bool enter(pg_conn* connection);
    /// For COPY, which libpq does not do in pipeline mode. Only when nothing is on the way.
    bool leave();

    void query(Part part, std::string_view sql, const Parameters& parameters);
    void prepare(Part part, const std::string& name, std::string_view sql, const Parameters& parameters);
    void execute(Part part, const std::string& name, const Parameters& parameters);
    /// Ends a group, and sends everything as far as the socket takes it.
    void sync();
    /// False: libpq refused something; what was sent is not what was meant, the connection must be closed.
    bool is_whole() const { return whole_; }

    /// What to wait for while there is no answer. `nothing`: the connection is broken.
    Wait flush();

    enum class Event : std::uint8_t { waiting, answer, finished, lost };
    /// The next answer that has arrived. Several for one part: rows of a stream. `finished`: all have.
    Event next(Part& part, ResultHandle& answer);
    bool is_finished() const { return head_ == parts_.size(); }

private:
    void sent(Part part, int accepted);
    void next_part();

    pg_conn* connection_ = nullptr;
    std::vector<Part> parts_;
    std::size_t head_ = 0;
    std::string text_;  // a statement with the zero at its end that libpq needs
    bool whole_ = true;
};

}  // namespace fairlead::dal::postgres
