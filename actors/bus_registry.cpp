#include <actorbus/actors/bus_registry.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace actorbus {

namespace {

struct registry {
  std::mutex mutex;
  std::map<std::string, found_bus, std::less<>> entries;
};

// Never destroyed: a bus may be a global object that ends after it would have.
registry& buses() {
  static auto* const the_one = new registry;
  return *the_one;
}

} // namespace

std::optional<found_bus> find_bus(std::string_view name) {
  auto& [mutex, entries] = buses();
  std::lock_guard guard{mutex};
  auto found = entries.find(name);
  if (found == entries.end())
    return std::nullopt;
  return found->second;
}

bus_name::bus_name(std::string name, found_bus target) {
  if (name.empty() || name.find_first_of("/?#@: ") != name.npos)
    throw std::invalid_argument{
        "bus name '" + name +
        "': a word is needed, as in mem://home, without / ? # @ : and blanks"};
  auto& [mutex, entries] = buses();
  std::lock_guard guard{mutex};
  if (!entries.try_emplace(name, std::move(target)).second)
    throw std::invalid_argument{"bus name '" + name + "': another bus of this process has it"};
  text_ = std::move(name);
}

bus_name::~bus_name() {
  if (text_.empty())
    return;
  auto& [mutex, entries] = buses();
  std::lock_guard guard{mutex};
  entries.erase(text_);
}

bus_name::bus_name(bus_name&& other) noexcept : text_(std::exchange(other.text_, {})) {}

bus_name& bus_name::operator=(bus_name&& other) noexcept {
  std::swap(text_, other.text_);
  return *this;
}

} // namespace actorbus
