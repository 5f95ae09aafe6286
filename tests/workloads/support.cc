#include "tests/workloads/support.h"

#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <optional>
#include <ostream>
#include <stdexcept>

namespace cachegauge::testing {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "cachegauge-test-XXXXXX";
  if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp failed");
  folder_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string TemporaryFolder::write(std::string_view name, std::string_view content) const {
  std::ofstream file(path(name), std::ios::binary);
  file << content;
  return path(name);
}

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << op_name(row.op) << (row.integer ? " integer " : " text ") << row.key << " at "
             << row.time_ns << " size " << row.value_size_bytes << " ttl " << row.ttl_ns
             << " key size " << row.key_size_bytes;
}

std::vector<Row> read_all(const Workload& workload, size_t batch) {
  std::vector<Row> rows;
  std::vector<Request> requests(batch);
  const auto source = workload.open();
  while (const size_t count = source->read(requests)) {
    for (size_t i = 0; i < count; ++i) {
      const Request& request = requests[i];
      rows.push_back({.key = request.has_text_key() ? std::string(request.text_key)
                                                    : std::to_string(request.integer_key),
                      .integer = !request.has_text_key(),
                      .op = request.op,
                      .time_ns = request.time_ns,
                      .value_size_bytes = request.value_size_bytes,
                      .ttl_ns = request.ttl_ns,
                      .key_size_bytes = request.key_size_bytes});
    }
  }
  return rows;
}

std::vector<Row> read_all(std::string_view spec, size_t batch) {
  return read_all(*make(spec), batch);
}

std::vector<std::string> keys_of(const std::vector<Row>& rows) {
  std::vector<std::string> keys;
  keys.reserve(rows.size());
  for (const Row& row : rows) keys.push_back(row.key);
  return keys;
}

std::unique_ptr<Workload> make(std::string_view spec) {
  return make_workload(parse_workload_spec(spec));
}

namespace {

std::optional<Error> catch_error(std::string_view spec) {
  try {
    read_all(spec);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

}  // namespace

std::string error_of(std::string_view spec, const TemporaryFolder* folder) {
  const std::optional<Error> error = catch_error(spec);
  std::string message = error ? error->what() : "";
  const std::string prefix = folder ? folder->path("") : "";
  while (folder && message.find(prefix) != std::string::npos) {
    message.erase(message.find(prefix), prefix.size());
  }
  return message;
}

ExitCode exit_code_of(std::string_view spec) {
  const std::optional<Error> error = catch_error(spec);
  return error ? error->code() : ExitCode::kDone;
}

std::string gzip(std::string_view content) {
  z_stream state{};
  deflateInit2(&state, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&state, content.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  state.avail_in = static_cast<uInt>(content.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  deflate(&state, Z_FINISH);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

std::string xz(std::string_view content) {
  std::string out(lzma_stream_buffer_bound(content.size()), '\0');
  size_t size = 0;
  lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, nullptr,
                          reinterpret_cast<const uint8_t*>(content.data()), content.size(),
                          reinterpret_cast<uint8_t*>(out.data()), &size, out.size());
  out.resize(size);
  return out;
}

std::string zstd(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 3));
  return out;
}

}  // namespace cachegauge::testing
