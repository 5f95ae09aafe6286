// Two commits of the user's repository, checked out side by side in a folder of our own. The user's
// tree is left alone.
#pragma once

#include <string>

#include "adapters/server/private_folder.h"

namespace cachegauge {

class Worktrees {
 public:
  // `ref` for the baseline, HEAD for the candidate, of the repository that the current folder
  // belongs to. Throws Error::usage where there is none, or no such commit.
  explicit Worktrees(const std::string& ref);
  ~Worktrees();
  Worktrees(const Worktrees&) = delete;
  Worktrees& operator=(const Worktrees&) = delete;

  // What the current folder is in each of them. Their paths are of equal length: a longer one may
  // move a program's memory.
  const std::string& baseline() const { return baseline_; }
  const std::string& candidate() const { return candidate_; }
  // A folder for what the runs write.
  const std::string& scratch() const { return folder_.path(); }
  const std::string& baseline_commit() const { return baseline_commit_; }
  const std::string& candidate_commit() const { return candidate_commit_; }
  // Tracked files that differ from HEAD, and so are not in the candidate.
  bool has_changes() const { return has_changes_; }

 private:
  std::string check_out(const std::string& name, const std::string& commit);
  void remove();

  PrivateFolder folder_;
  std::string top_, prefix_;
  std::string baseline_commit_, candidate_commit_;
  std::string baseline_, candidate_;
  bool has_changes_ = false;
};

}  // namespace cachegauge
