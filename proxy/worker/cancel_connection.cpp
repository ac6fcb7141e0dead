#include "proxy/worker/cancel_connection.h"

#include "proxy/worker/link_broker.h"
#include "proxy/worker/server_connection.h"
#include "proxy/worker/worker.h"

namespace fairlead::proxy::worker {

cancel_connection::cancel_connection(link_broker& home, net::transport stream, const server_connection& about)
    : net::connection(home.owner().events(), std::move(stream)),
      home_(home),
      target_(link_broker::key_of(*about.backend, about.id)) {}

void cancel_connection::finish() {
    if (finished_) return;
    finished_ = true;
    close();
    home_.cancel_finished(target_);
}

}  // namespace fairlead::proxy::worker
