#ifndef BARAZA_TESTS_E2E_KILL_CONTROL_H_
#define BARAZA_TESTS_E2E_KILL_CONTROL_H_

#include <stdint.h>

/* What the test and the preloaded library kill_at.c share: a small file, mapped by both, named to
 * the process by BARAZA_KILL_CONTROL. It says at which of the process's own system calls it is to
 * die of SIGKILL, and keeps what the process had done until then, which survives it. Plain C, since
 * the library is. */

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of calls. */
enum {
  BARAZA_KILL_WRITE =
      1, /* pwrite, pwrite64, write, ftruncate on a file whose path ends in `path_end` */
  BARAZA_KILL_SYNC = 2, /* fsync, fdatasync on such a file */
  BARAZA_KILL_SEND = 4, /* sendmsg, send, write, writev on a TCP socket */
  BARAZA_KILL_NAME = 8  /* rename, unlink, remove of a name in `folder` */
};

enum { BARAZA_KILL_MAX_STEPS = 4, BARAZA_KILL_PATH_BYTES = 256, BARAZA_KILL_FOLDERS = 8 };

/* Waits for the `count`th call of one of `kinds` that has at least `least_bytes`; the next step
 * then begins. At the last step the process dies: in the place of that call, or, with `after`, when
 * it has returned. Syncs, names and ftruncate have no bytes. */
typedef struct {
  uint32_t kinds;
  uint32_t count;
  uint32_t after;
  uint32_t least_bytes;
  uint32_t seen;
} BarazaKillStep;

typedef struct {
  /* 1: the steps are in force. Set last by the test; the library never clears it. */
  uint32_t armed;
  uint32_t steps;
  uint32_t current;
  /* The kind of the call at which the process died; 0: it lives, or died otherwise. */
  uint32_t died_at;
  /* How many bytes that call had. */
  uint32_t died_bytes;
  /* Since arming: calls of each kind that have returned. */
  uint32_t writes;
  uint32_t syncs;
  uint32_t sends;
  uint32_t names;
  BarazaKillStep step[BARAZA_KILL_MAX_STEPS];
  char path_end[BARAZA_KILL_PATH_BYTES];
  /* Empty, or a folder: files within it, at any depth, are watched as well. */
  char folder[BARAZA_KILL_PATH_BYTES];
  /* Folders within it where a file was renamed since they were last synced; empty: none. */
  char unsynced[BARAZA_KILL_FOLDERS][BARAZA_KILL_PATH_BYTES];
} BarazaKillControl;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* BARAZA_TESTS_E2E_KILL_CONTROL_H_ */
