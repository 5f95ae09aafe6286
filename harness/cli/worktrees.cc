#include "harness/cli/worktrees.h"

#include <fmt/format.h>

#include "harness/cli/child_process.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

ChildEnd git(std::vector<std::string> words) {
  // Hooks of the repository are none of our business.
  words.insert(words.begin(), {"git", "-c", "core.hooksPath=/dev/null"});
  return run_child({.argv = std::move(words), .interruptible = false});
}

std::string commit_of(const std::string& ref) {
  const ChildEnd end =
      git({"rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"});
  if (end.is_good()) return end.output;
  throw Error::usage(fmt::format(
      "--against: there is no commit \"{}\" in this repository; a shallow clone may lack it (git "
      "fetch --depth=1 origin {})",
      ref, ref));
}

}  // namespace

Worktrees::Worktrees(const std::string& ref) {
  const ChildEnd top = git({"rev-parse", "--show-toplevel"});
  if (!top.is_good()) {
    throw Error::usage("--against: not in the work tree of a git repository: " + top.output);
  }
  top_ = top.output;
  prefix_ = git({"rev-parse", "--show-prefix"}).output;
  baseline_commit_ = commit_of(ref);
  candidate_commit_ = commit_of("HEAD");
  has_changes_ = !git({"status", "--porcelain", "--untracked-files=no"}).output.empty();
  try {
    baseline_ = check_out("a", baseline_commit_);
    candidate_ = check_out("b", candidate_commit_);
  } catch (...) {
    remove();
    throw;
  }
}

Worktrees::~Worktrees() { remove(); }

std::string Worktrees::check_out(const std::string& name, const std::string& commit) {
  const std::string path = fmt::format("{}/{}", folder_.path(), name);
  const ChildEnd end =
      git({"-C", top_, "worktree", "add", "--quiet", "--detach", "--force", path, commit});
  if (!end.is_good()) {
    throw Error::failed(fmt::format("--against: git worktree add {}", end.what_happened(0)));
  }
  return fmt::format("{}/{}", path, prefix_);
}

// What git still thinks to be there when this fails, `git worktree prune` forgets.
void Worktrees::remove() {
  for (const char* name : {"a", "b"}) {
    try {
      git({"-C", top_, "worktree", "remove", "--force", "--force",
           fmt::format("{}/{}", folder_.path(), name)});
    } catch (const Error&) {
      return;  // no process could be started; the folder goes all the same
    }
  }
}

}  // namespace cachegauge
