#ifndef BARAZA_SYNC_SERVER_SERVICES_SELF_DIAL_H_
#define BARAZA_SYNC_SERVER_SERVICES_SELF_DIAL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace baraza::server {

// Whether somebody who dials `address` ("host:port", of this machine) is answered: connects anew
// and waits for the other side to speak HTTP/2, over TLS if `tls` (whose certificate is not looked
// at: what is asked is whether the listener is alive). gRPC 1.51 stops accepting for good once file
// descriptors ran out, while the kernel goes on taking connections in. UNAVAILABLE if there is no
// answer within `patience`. Blocks.
absl::Status DialSelf(const std::string& address, bool tls, absl::Duration patience);

// The address at which a server that listens on `listen` can be dialled from its own machine: an
// address that stands for all of the machine's becomes loopback.
std::string SelfAddress(const std::string& listen, int port);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_SELF_DIAL_H_
