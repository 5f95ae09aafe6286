#include "adapters/memcached/libmemcached_client.h"

#include <libmemcached/memcached.h>

#include <cstdlib>
#include <string>

#include "adapters/memcached/libmemcached_handle.h"
#include "adapters/memcached/memcached_limits.h"

namespace cachegauge {
namespace {

class LibmemcachedClient final : public BlockingClient {
 public:
  LibmemcachedClient(std::span<const Address> servers, int64_t timeout_ns, uint64_t item_size_max)
      : handle_(make_memcached_handle(servers, timeout_ns)), item_size_max_(item_size_max) {}

  Result execute(const Command& command, std::string& value) override;

 private:
  memcached_return_t get(std::string_view key, std::string& value);
  Result failed(memcached_return_t code);
  Result rejected() const {
    return {.outcome = Outcome::kRejected,
            .connection_lost = false,
            .text = "it takes " + memcached_limits(item_size_max_)};
  }

  const MemcachedHandle handle_;
  const uint64_t item_size_max_;
};

// What an answer that is no failure means, or kError.
Outcome outcome_of(CommandKind kind, memcached_return_t code) {
  switch (kind) {
    case CommandKind::kGet:
      if (code == MEMCACHED_SUCCESS) return Outcome::kHit;
      return code == MEMCACHED_NOTFOUND ? Outcome::kMiss : Outcome::kError;
    case CommandKind::kSet:
    case CommandKind::kAdd:
      if (code == MEMCACHED_SUCCESS || code == MEMCACHED_STORED) return Outcome::kStored;
      return code == MEMCACHED_NOTSTORED || code == MEMCACHED_DATA_EXISTS ? Outcome::kNotStored
                                                                          : Outcome::kError;
    case CommandKind::kDelete:
      if (code == MEMCACHED_SUCCESS || code == MEMCACHED_DELETED) return Outcome::kDeleted;
      return code == MEMCACHED_NOTFOUND ? Outcome::kNotFound : Outcome::kError;
    case CommandKind::kCompareAndDelete:
    case CommandKind::kLease:
      break;
  }
  return Outcome::kError;
}

memcached_return_t LibmemcachedClient::get(std::string_view key, std::string& value) {
  size_t size = 0;
  uint32_t flags = 0;
  memcached_return_t code = MEMCACHED_FAILURE;
  const std::unique_ptr<char, decltype(&std::free)> bytes(
      memcached_get(handle_.get(), key.data(), key.size(), &size, &flags, &code), std::free);
  if (bytes) value.append(bytes.get(), size);
  return code;
}

BlockingClient::Result LibmemcachedClient::execute(const Command& command, std::string& value) {
  const std::string_view key = command.key;
  const std::string_view bytes = command.value;
  if (!is_memcached_key(key) || bytes.size() > item_size_max_) return rejected();
  const auto exptime = static_cast<time_t>(memcached_exptime(command.ttl_ns));
  memcached_return_t code = MEMCACHED_NOT_SUPPORTED;
  switch (command.kind) {
    case CommandKind::kGet:
      code = get(key, value);
      break;
    case CommandKind::kSet:
      code = memcached_set(handle_.get(), key.data(), key.size(), bytes.data(), bytes.size(),
                           exptime, 0);
      break;
    case CommandKind::kAdd:
      code = memcached_add(handle_.get(), key.data(), key.size(), bytes.data(), bytes.size(),
                           exptime, 0);
      break;
    case CommandKind::kDelete:
      code = memcached_delete(handle_.get(), key.data(), key.size(), 0);
      break;
    case CommandKind::kCompareAndDelete:
    case CommandKind::kLease:
      return rejected();
  }
  const Outcome outcome = outcome_of(command.kind, code);
  if (outcome != Outcome::kError) {
    return {.outcome = outcome, .connection_lost = false, .text = {}};
  }
  return failed(code);
}

BlockingClient::Result LibmemcachedClient::failed(memcached_return_t code) {
  switch (code) {
    case MEMCACHED_E2BIG:
    case MEMCACHED_KEY_TOO_BIG:
    case MEMCACHED_BAD_KEY_PROVIDED:
      return rejected();
    case MEMCACHED_TIMEOUT:
      return {.outcome = Outcome::kTimeout, .connection_lost = false, .text = {}};
    case MEMCACHED_SERVER_ERROR:
    case MEMCACHED_CLIENT_ERROR:
    case MEMCACHED_PROTOCOL_ERROR:
    case MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE:
      return {.outcome = Outcome::kError,
              .connection_lost = false,
              .text = memcached_strerror(handle_.get(), code)};
    default:
      return {.outcome = Outcome::kError,
              .connection_lost = true,
              .text = memcached_strerror(handle_.get(), code)};
  }
}

}  // namespace

std::unique_ptr<BlockingClient> make_libmemcached_client(std::span<const Address> servers,
                                                         int64_t timeout_ns,
                                                         uint64_t item_size_max) {
  return std::make_unique<LibmemcachedClient>(servers, timeout_ns, item_size_max);
}

}  // namespace cachegauge
