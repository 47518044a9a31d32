#ifndef BARAZA_CLIENT_LIB_STORE_SCHEMA_H_
#define BARAZA_CLIENT_LIB_STORE_SCHEMA_H_

#include "core/sqlite/schema.h"

namespace baraza::client {

// The device database's tables and how they came to be.
const Schema& DeviceSchema();

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_SCHEMA_H_
