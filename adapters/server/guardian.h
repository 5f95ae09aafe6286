// The parent of a private server, or of a private folder alone: a process of its own that lives
// until we are gone, however we go, and then leaves nothing behind.
//
//   we ──socket──> guardian ──fork──> server (the end signal when the guardian dies)
//
// Asked to, it stops the server, lets it go on, or kills it and starts it again, which its parent
// alone can do: nobody else knows for sure that the pid is still the server's.
//
// The guardian makes the server's directory, so that there is no moment at which it could be left
// behind. It sees the end of us as the end of the socket, or in a descriptor of our process where
// some other child of ours has inherited our end of it. It then ends the server, removes its
// directory and exits. It holds no other descriptor of ours, is in a session of its own (Ctrl-C
// does not reach it) and ignores SIGTERM, SIGINT and SIGHUP.
#pragma once

#include <sched.h>
#include <signal.h>
#include <sys/types.h>

#include <cstdint>

#include "adapters/server/unique_fd.h"

namespace cachegauge {

// What the guardian tells on its socket.
struct GuardianMessage {
  enum Kind : int { kStarted, kExited, kFailed };
  Kind kind;
  // The server's pid (0: none was asked for), its status as wait() gives it, or the errno that
  // prevented it.
  int value;
};

// What the guardian is told on its socket: to kill the server, and to start it again so much later;
// to stop it (SIGSTOP), and to let it go on.
struct GuardianRequest {
  enum Kind : int { kRestart, kStop, kContinue };
  Kind kind;
  int64_t down_ns;
};

// All of it is prepared before the fork: our process may have threads, so only async-signal-safe
// calls may follow. Pointers are valid during the call.
struct GuardianPlan {
  const char* directory;  // made, the server's working directory, and removed with all in it
  const char* log_path = nullptr;      // in it: the server's stdout and stderr
  char* const* server_argv = nullptr;  // [0] is the path of the program; null: no server
  // Null: none. Otherwise a file in the directory, which nobody else may read, and its text.
  const char* config_path = nullptr;
  const char* config = nullptr;
  const cpu_set_t* server_cpus = nullptr;  // null: those of the starter
  // Who runs the server and owns the directory; 0: the starter.
  uid_t server_uid = 0;
  gid_t server_gid = 0;
  // Anything but SIGKILL goes to the server's process group, and SIGKILL after five seconds: for
  // one with processes and shared memory of its own, which it takes along only if it is asked. What
  // is then done to the server by request is done to those processes, too.
  int end_signal = SIGKILL;
};

struct Guardian {
  UniqueFd socket;  // messages come from here; closing it ends server and guardian
  pid_t pid = -1;
};

// Throws Error::failed when the system has no process or descriptor left.
Guardian spawn_guardian(const GuardianPlan& plan);

// Ends the server, and waits until it, its directory and the guardian are gone.
void end_guardian(Guardian& guardian);

}  // namespace cachegauge
