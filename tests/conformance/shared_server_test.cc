// What every cache does alike whose data lies on a server that others use as well: it comes back
// when the server does, and it touches no key but ours.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "adapters/adapters.h"
#include "adapters/server/address.h"
#include "harness/replay/cell.h"
#include "tests/network/support.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

// Specs of every kind that can start a server, and so can use one that runs already.
std::vector<std::string> server_specs() {
  std::vector<std::string> specs = {"memcached:client=libmemcached"};
  for (const AdapterKind& kind : adapter_kinds()) {
    if (!kind.make || kind.name == "plugin" || kind.name == "tiered") {
      continue;  // which say nothing without parameters
    }
    const auto adapter = kind.make(Spec(std::string(kind.name)), {.memory_bytes = 1 << 20});
    if (adapter->capabilities().private_server) specs.emplace_back(kind.name);
  }
  return specs;
}

struct KnownServer {
  std::string kind;
  std::vector<std::string> command;  // and the path of its socket
  std::vector<std::string> more;
  std::string watch;  // makes it tell this connection of each command that any other sends
  std::vector<std::string> touches;  // what is in each such line of a command on keys
};

const KnownServer& program_of(const std::string& kind) {
  static const std::vector<KnownServer> programs = {
      {"redis",
       {"redis-server", "--port", "0", "--unixsocket"},
       {"--save", ""},
       "MONITOR\r\n",
       {"] \"GET", "] \"SET", "] \"DEL", "] \"UNLINK", "] \"SCAN", "] \"KEYS", "] \"FLUSH"}},
      {"memcached",
       {"memcached", "-u", "root", "-s"},
       {},
       "watch fetchers mutations\r\n",
       {"key="}},
  };
  const auto found = std::ranges::find(programs, kind, &KnownServer::kind);
  if (found == programs.end()) throw std::logic_error("how is a server of " + kind + " started?");
  return *found;
}

class SharedServer : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    REQUIRE_PROGRAM(program().command.front());
    spawn();
  }
  const KnownServer& program() const { return program_of(Spec::parse(GetParam()).kind()); }
  void spawn() {
    std::vector<std::string> command = program().command;
    command.push_back(socket_);
    command.insert(command.end(), program().more.begin(), program().more.end());
    server_.emplace(command, address_);
  }
  std::unique_ptr<Adapter> make(const AdapterSettings& settings) {
    const bool has_params = GetParam().find(':') != std::string::npos;
    return make_adapter(Spec::parse(GetParam() + (has_params ? "," : ":") + "socket=" + socket_),
                        settings);
  }
  std::unique_ptr<Adapter> connect() {
    auto adapter = make(shared_server(1'000'000'000));
    adapter->start();
    return adapter;
  }

  bool touches_keys(const std::string& line) const {
    return std::ranges::any_of(program().touches, [&](const std::string& part) {
      return line.find(part) != std::string::npos;
    });
  }

  TemporaryDirectory directory_;
  std::string socket_ = directory_.path("s.sock");
  Address address_{.socket_path = socket_, .host = {}, .port = 0};
  std::optional<SpawnedServer> server_;
};

TEST_P(SharedServer, DiesAndReturns) {
  Rig rig(connect());
  ASSERT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  server_->kill_and_wait();
  EXPECT_EQ(rig.get("k").outcome, Outcome::kError);
  EXPECT_EQ(rig.set("k", "lost").outcome, Outcome::kError);
  spawn();
  EXPECT_TRUE(eventually([&] { return rig.get("k").outcome == Outcome::kMiss; }, 5000));
  EXPECT_EQ(rig.set("k", "again").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "again");
  EXPECT_EQ(rig.adapter->state().items, 1u);
  const auto warnings = rig.adapter->take_warnings();
  EXPECT_TRUE(any_contains(warnings, "back after")) << joined(warnings);
}

// The lines in which the server tells of commands, as they were carried out.
class Watcher {
 public:
  Watcher(const Address& address, const std::string& watch)
      : fd_(connect_to(address, 1'000'000'000, chosen_)) {
    fcntl(fd_.get(), F_SETFL, 0);  // blocking
    write_bytes(fd_.get(), watch);
    char answer = 0;
    while (read(fd_.get(), &answer, 1) == 1 && answer != '\n') {
    }
    const timeval quiet{.tv_sec = 0, .tv_usec = 300'000};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &quiet, sizeof quiet);
  }
  std::vector<std::string> lines() {
    std::string text(1 << 16, '\0'), seen;
    for (ssize_t n = 0; (n = read(fd_.get(), text.data(), text.size())) > 0;) {
      seen.append(text, 0, static_cast<size_t>(n));
    }
    std::vector<std::string> lines;
    std::istringstream in(seen);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

 private:
  SocketAddress chosen_;
  UniqueFd fd_;
};

TEST_P(SharedServer, KeepsWhatIsOfOthersAndLosesWhatIsOurs) {
  constexpr uint64_t kOthers = 50, kOurs = 200;
  const std::string prefix = "cg-7-";  // which memcached tells of as it is
  Rig others(connect());
  for (uint64_t i = 0; i < kOthers; ++i) {  // the same keys, but for the prefix
    ASSERT_EQ(others.set(std::to_string(i), "precious").outcome, Outcome::kStored);
  }

  std::vector<Request> requests;
  for (uint64_t i = 0; i < 5 * kOurs; ++i) {
    const Op op = i % 10 == 0 ? Op::kSet : i % 10 == 1 ? Op::kDelete : Op::kGet;
    requests.push_back(InMemoryWorkload::request(op, i * 7 % kOurs));
  }
  const InMemoryWorkload workload(std::move(requests));
  const WorkloadSummary summary = summarize_workload(workload, {});
  CellPlan plan;
  plan.workload = &workload;
  plan.summary = &summary;
  plan.pattern = &pattern_kinds()[0];
  plan.make_adapter = [this](const AdapterSettings& settings) { return make(settings); };
  plan.adapter_settings.allow_shared_server = true;
  plan.driver.clients = 5;
  plan.key_prefix = prefix;
  Watcher watcher(address_, program().watch);
  CellControl control;
  const RunResult result = run_cell(plan, control, {});
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.counters.errors, 0u);
  EXPECT_GT(result.counters.hits, kOurs);

  uint64_t ours = 0;
  for (const std::string& line : watcher.lines()) {
    if (!touches_keys(line)) continue;
    EXPECT_NE(line.find(prefix), std::string::npos) << line;
    ++ours;
  }
  EXPECT_GE(ours, 5 * kOurs);
  for (uint64_t i = 0; i < kOthers; ++i) {
    EXPECT_EQ(others.get(std::to_string(i)).value, "precious") << i;
  }
  EXPECT_EQ(others.adapter->state().items, kOthers);
}

INSTANTIATE_TEST_SUITE_P(Adapters, SharedServer, testing::ValuesIn(server_specs()),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) c = std::isalnum(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace cachegauge
