#ifndef BARAZA_SYNC_SERVER_STORE_PROGRAMME_SCHEMA_H_
#define BARAZA_SYNC_SERVER_STORE_PROGRAMME_SCHEMA_H_

#include "core/sqlite/schema.h"

namespace baraza::server {

// The tables of a programme's file.
const Schema& ProgrammeSchema();

// Keys of the table `meta` that the store itself writes; the projection's begin with "projection.".
inline constexpr char kMetaProgramme[] = "store.programme";
inline constexpr char kMetaEpoch[] = "store.epoch";
inline constexpr char kMetaLamportMax[] = "store.lamport_max";
inline constexpr char kMetaWatermark[] = "store.watermark";
inline constexpr char kMetaFeedGeneration[] = "store.feed_generation";

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_STORE_PROGRAMME_SCHEMA_H_
