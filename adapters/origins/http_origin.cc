#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <charconv>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "adapters/origins/pooled_origin.h"
#include "adapters/origins/real_origins.h"
#include "adapters/server/fault_route.h"
#include "harness/core/error.h"
#include "harness/core/fault.h"
#include "harness/core/origin_row.h"

namespace cachegauge {
namespace {

// A service of one's own may tell and take the versions of its objects.
constexpr std::string_view kVersionHeader = "Cachegauge-Version";
constexpr std::string_view kPlaceOfKey = "{key}";

// What tells whether an object is still the same (RFC 9110, section 8.8).
struct Validator {
  std::string etag, modified;
  uint32_t version = 0;
  bool is_set() const { return !etag.empty() || !modified.empty(); }
};

// What the clients of a cell share.
struct HttpShared {
  std::string url;  // with a place for the key
  int64_t timeout_ns = 0;
  bool revalidates = true;
  uint16_t proxy_port = 0;  // on 127.0.0.1, of a proxy that connections go by way of; 0: none
  std::mutex mutex;
  std::unordered_map<std::string, Validator> validators;  // of the objects that were had, by key
  std::atomic<uint64_t> requests{0}, full{0}, not_modified{0}, stored{0}, body_bytes{0};
};

struct EasyCleanup {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;
using HeaderList = std::unique_ptr<curl_slist, ListFree>;

void add_header(HeaderList& list, const std::string& header) {
  if (curl_slist* longer = curl_slist_append(list.get(), header.c_str())) {
    (void)list.release();
    list.reset(longer);
  }
}

// RFC 3986: what is not unreserved is percent-encoded.
std::string url_of(const std::string& pattern, std::string_view key) {
  std::string encoded;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", byte);
    }
  }
  std::string url = pattern;
  return url.replace(url.find(kPlaceOfKey), kPlaceOfKey.size(), encoded);
}

// What came back of one request.
struct Response {
  std::string body;
  Validator validator;
};

size_t take_body(char* bytes, size_t size, size_t count, void* response) {
  static_cast<Response*>(response)->body.append(bytes, size * count);
  return size * count;
}

// A header's value, if the line is of that name.
std::string_view value_of(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':' ||
      strncasecmp(line.data(), name.data(), name.size()) != 0) {
    return {};
  }
  line.remove_prefix(name.size() + 1);
  const size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r\n") + 1 - begin);
}

size_t take_header(char* bytes, size_t size, size_t count, void* response) {
  const std::string_view line(bytes, size * count);
  Validator& validator = static_cast<Response*>(response)->validator;
  if (const auto etag = value_of(line, "ETag"); !etag.empty()) validator.etag = etag;
  if (const auto time = value_of(line, "Last-Modified"); !time.empty()) validator.modified = time;
  const std::string_view version = value_of(line, kVersionHeader);
  std::from_chars(version.data(), version.data() + version.size(), validator.version);
  return size * count;
}

struct Upload {
  std::string_view left;
};

size_t give_body(char* out, size_t size, size_t count, void* from) {
  std::string_view& left = static_cast<Upload*>(from)->left;
  const size_t given = left.copy(out, size * count);
  left.remove_prefix(given);
  return given;
}

// The connection is made to our proxy. The name, and with it the URL, the Host header and TLS,
// stays.
curl_socket_t open_to_proxy(void* shared, curlsocktype, curl_sockaddr* address) {
  sockaddr_in proxy{};
  proxy.sin_family = AF_INET;
  proxy.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  proxy.sin_port = htons(static_cast<const HttpShared*>(shared)->proxy_port);
  address->family = AF_INET;
  address->addrlen = sizeof(proxy);
  std::memcpy(&address->addr, &proxy, sizeof(proxy));
  return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, address->protocol);
}

class HttpClient final : public OriginClient {
 public:
  explicit HttpClient(HttpShared& shared);

  // Who listens there. Throws Error::failed where nobody does. Asks for nothing.
  Address require_listener();

 private:
  Result load(const Command& command, std::string& value) override;
  Result store(const Command& command) override;
  void begin(const std::string& url);
  // The status, or 0 with `failure_`.
  long perform(const HeaderList& headers);
  Result refused(long status) const;

  HttpShared& shared_;
  const Easy curl_;
  char error_[CURL_ERROR_SIZE] = {};
  Response response_;
  Result failure_;
};

HttpClient::HttpClient(HttpShared& shared) : shared_(shared), curl_(curl_easy_init()) {
  if (!curl_) throw Error::failed("http: libcurl could not be initialised");
}

// The connection stays open from one request to the next; what was asked does not.
void HttpClient::begin(const std::string& url) {
  curl_easy_reset(curl_.get());
  response_ = {};
  error_[0] = 0;
  auto set = [this](CURLoption option, auto value) {
    curl_easy_setopt(curl_.get(), option, value);
  };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(1, shared_.timeout_ns / 1'000'000)));
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_USERAGENT, "cachegauge");
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_WRITEDATA, &response_);
  set(CURLOPT_HEADERFUNCTION, &take_header);
  set(CURLOPT_HEADERDATA, &response_);
  if (shared_.proxy_port == 0) return;
  set(CURLOPT_OPENSOCKETFUNCTION, &open_to_proxy);
  set(CURLOPT_OPENSOCKETDATA, &shared_);
}

Address HttpClient::require_listener() {
  begin(url_of(shared_.url, "x"));
  curl_easy_setopt(curl_.get(), CURLOPT_CONNECT_ONLY, 1L);
  if (perform({}) == 0 && failure_.outcome != Outcome::kHit) {
    throw Error::failed(fmt::format("http: {}: is the service up, and is url= right?",
                                    failure_.text.empty() ? "no answer in time" : failure_.text));
  }
  const char* ip = "";
  long port = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_PRIMARY_IP, &ip);
  curl_easy_getinfo(curl_.get(), CURLINFO_PRIMARY_PORT, &port);
  return {.socket_path = {}, .host = ip, .port = static_cast<uint16_t>(port)};
}

long HttpClient::perform(const HeaderList& headers) {
  curl_easy_setopt(curl_.get(), CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(curl_.get());
  failure_ = {.outcome = Outcome::kHit};
  if (code == CURLE_OPERATION_TIMEDOUT) {
    failure_.outcome = Outcome::kTimeout;
  } else if (code != CURLE_OK) {
    failure_ = {.outcome = Outcome::kError,
                .connection_lost = true,
                .text = error_[0] ? error_ : curl_easy_strerror(code)};
  }
  long status = 0;
  if (code == CURLE_OK) curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

BlockingClient::Result HttpClient::refused(long status) const {
  if (status == 0) return failure_;
  return {.outcome = Outcome::kError,
          .connection_lost = false,
          .text = fmt::format("HTTP status {}", status)};
}

// An answer of 304 has no body: the caller makes the value, as that of any hit.
BlockingClient::Result HttpClient::load(const Command& command, std::string& value) {
  constexpr long kOk = 200, kNotModified = 304;
  const std::string key(command.key);
  Validator known;
  if (shared_.revalidates) {
    const std::lock_guard lock(shared_.mutex);
    if (const auto found = shared_.validators.find(key); found != shared_.validators.end()) {
      known = found->second;
    }
  }
  begin(url_of(shared_.url, key));
  HeaderList headers;
  if (!known.etag.empty()) add_header(headers, "If-None-Match: " + known.etag);
  if (!known.modified.empty()) add_header(headers, "If-Modified-Since: " + known.modified);
  const long status = perform(headers);
  ++shared_.requests;
  if (status == kNotModified && known.is_set()) {
    ++shared_.not_modified;
    append_origin_row(value, known.version, {});
    return {.outcome = Outcome::kHit};
  }
  if (status != kOk) return refused(status);
  ++shared_.full;
  shared_.body_bytes += response_.body.size();
  append_origin_row(value, response_.validator.version, response_.body);
  if (shared_.revalidates && response_.validator.is_set()) {
    const std::lock_guard lock(shared_.mutex);
    shared_.validators[key] = std::move(response_.validator);
  }
  return {.outcome = Outcome::kHit};
}

BlockingClient::Result HttpClient::store(const Command& command) {
  constexpr long kConflict = 409, kPreconditionFailed = 412;
  begin(url_of(shared_.url, command.key));
  Upload upload{command.value};
  curl_easy_setopt(curl_.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl_.get(), CURLOPT_INFILESIZE_LARGE,
                   static_cast<curl_off_t>(command.value.size()));
  curl_easy_setopt(curl_.get(), CURLOPT_READFUNCTION, &give_body);
  curl_easy_setopt(curl_.get(), CURLOPT_READDATA, &upload);
  HeaderList headers;
  add_header(headers, "Expect:");  // curl would wait for leave to send
  add_header(headers, "Content-Type: application/octet-stream");
  add_header(headers, fmt::format("{}: {}", kVersionHeader, command.version));
  const long status = perform(headers);
  ++shared_.requests;
  if (status == kConflict || status == kPreconditionFailed) return {.outcome = Outcome::kNotStored};
  if (status < 200 || status > 299) return refused(status);
  ++shared_.stored;
  return {.outcome = Outcome::kStored};
}

class HttpOrigin final : public PooledOrigin, public FaultTarget {
 public:
  HttpOrigin(const Spec& spec, const OriginSettings& settings);
  ~HttpOrigin() override { stop(); }

  OriginTraits traits() const override { return {.simulated = false, .shared = true}; }
  void start() override;
  std::vector<OriginFigure> figures() override;
  std::vector<Spec::Param> settings() const override;
  void stop() override;

  FaultMeans means_of(const Fault&) const override { return FaultMeans::kProxy; }
  void use_proxy() override { route_.use_proxy(); }
  void begin_fault(const Fault& fault) override { route_.begin(fault); }
  void end_fault(const Fault& fault) override { route_.end(fault); }

 private:
  std::unique_ptr<BlockingClient> connect() override;

  HttpShared shared_;
  Address listener_;
  FaultRoute route_;
};

HttpOrigin::HttpOrigin(const Spec& spec, const OriginSettings& settings)
    : PooledOrigin(spec, settings) {
  shared_.url = spec.text("url", "");
  shared_.timeout_ns = settings.timeout_ns;
  shared_.revalidates = spec.choice("revalidate", {"yes", "no"}) == "yes";
  if (!shared_.url.starts_with("http://") && !shared_.url.starts_with("https://")) {
    throw Error::usage(
        "the origin \"http\" needs a url, such as http:url=http://127.0.0.1:8080/items/{key}; "
        "without {key} the key is added to its path");
  }
  if (shared_.url.find(kPlaceOfKey) == std::string::npos) {
    if (!shared_.url.ends_with('/')) shared_.url += '/';
    shared_.url += kPlaceOfKey;
  }
}

void HttpOrigin::start() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  listener_ = HttpClient(shared_).require_listener();
}

std::unique_ptr<BlockingClient> HttpOrigin::connect() {
  if (route_.uses_proxy()) shared_.proxy_port = route_.to(listener_).port;
  return std::make_unique<HttpClient>(shared_);
}

void HttpOrigin::stop() {
  stop_pool();
  route_.close();
  shared_.proxy_port = 0;
}

std::vector<OriginFigure> HttpOrigin::figures() {
  return {{"requests", shared_.requests},
          {"full", shared_.full},
          {"not_modified", shared_.not_modified},
          {"stored", shared_.stored},
          {"body_bytes", shared_.body_bytes}};
}

std::vector<Spec::Param> HttpOrigin::settings() const {
  return {{"threads", fmt::to_string(threads())},
          {"revalidate", shared_.revalidates ? "yes" : "no"},
          {"client", fmt::format("libcurl {}", curl_version_info(CURLVERSION_NOW)->version)}};
}

}  // namespace

std::unique_ptr<Origin> make_http_origin(const Spec& spec, const OriginSettings& settings) {
  return std::make_unique<HttpOrigin>(spec, settings);
}

}  // namespace cachegauge
