// A store on disk as an Adapter: where it lies, whose it is, and a thread for each client.
#pragma once

#include <memory>

#include "adapters/disk/disk_settings.h"
#include "adapters/disk/disk_store.h"
#include "harness/core/adapter.h"

namespace cachegauge {

// Without a path the store lies in a private folder and is gone with us, however we die. With one,
// a store that this run made is removed when it stops; one that was there stays, its keys are
// others', and ours carry a prefix and are deleted one by one. `engine` is static.
std::unique_ptr<Adapter> make_disk_adapter(const Spec& spec, const AdapterSettings& settings,
                                           const DiskSettings& disk, const DiskEngine& engine);

}  // namespace cachegauge
