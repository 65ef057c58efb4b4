#pragma once

// A transport of one's own, complete: tin cans with a string between them, in one process. What a
// channel is given to send is what the other one has received.

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <actorbus/transports/channel.hpp>
#include <actorbus/transports/own_transport.hpp>

namespace string_phone {

using namespace actorbus::transports;
using actorbus::protocol::byte_view;

/// What both ends hold.
struct string {
  struct end {
    std::shared_ptr<channel_events> bus; ///< while it is open
    std::vector<std::uint8_t> unheard;   ///< sent to it before it was
    bool closed = false;
  };
  std::mutex mutex; ///< the bus may have a thread for each end
  std::array<end, 2> ends;
};

class can final : public channel {
public:
  can(std::shared_ptr<string> between, int side) : string_(std::move(between)), side_(side) {}

  void open(std::shared_ptr<channel_events> bus) override {
    std::lock_guard guard{string_->mutex};
    here().bus = std::move(bus);
    if (!here().unheard.empty()) {
      here().bus->received(std::exchange(here().unheard, {}));
      if (there().bus)
        there().bus->sent();
    }
    if (there().closed)
      here().bus->closed();
  }

  bool send(byte_view packets) override {
    std::lock_guard guard{string_->mutex};
    if (there().bus)
      return there().bus->received(packets); // if that is enough for now, `resume` says `sent`
    if (!there().closed)
      there().unheard.assign(packets.begin(), packets.end());
    return false;
  }

  void resume() override {
    std::lock_guard guard{string_->mutex};
    if (there().bus)
      there().bus->sent();
  }

  void close() noexcept override {
    std::lock_guard guard{string_->mutex};
    here().bus = nullptr;
    here().closed = true;
    if (there().bus)
      there().bus->closed();
  }

  std::string peer() const override { return "the other can"; }

private:
  string::end& here() { return string_->ends[static_cast<std::size_t>(side_)]; }
  string::end& there() { return string_->ends[static_cast<std::size_t>(1 - side_)]; }

  std::shared_ptr<string> string_;
  int side_;
};

/// Who listens under which name.
struct directory {
  std::mutex mutex;
  std::map<std::string, listener::accept> names;
};

class caller final : public connector {
public:
  explicit caller(std::shared_ptr<directory> all) : directory_(std::move(all)) {}

  std::unique_ptr<channel> connect(const endpoint& to) override {
    auto between = std::make_shared<string>();
    std::lock_guard guard{directory_->mutex};
    auto found = directory_->names.find(to.name);
    if (found == directory_->names.end() || !found->second(std::make_unique<can>(between, 1)))
      throw std::runtime_error{"nobody holds the other can"};
    return std::make_unique<can>(between, 0);
  }

private:
  std::shared_ptr<directory> directory_;
};

class answerer final : public listener {
public:
  explicit answerer(std::shared_ptr<directory> all) : directory_(std::move(all)) {}

  endpoint listen(const endpoint& at, accept welcome) override {
    std::lock_guard guard{directory_->mutex};
    if (!directory_->names.emplace(at.name, std::move(welcome)).second)
      throw std::runtime_error{"the name is taken"};
    name_ = at.name;
    return at;
  }

  void close() noexcept override {
    std::lock_guard guard{directory_->mutex};
    directory_->names.erase(name_);
  }

private:
  std::shared_ptr<directory> directory_;
  std::string name_;
};

/// `string://name`
inline transport make_transport(const std::shared_ptr<directory>& names) {
  return to_transport({.schemes = {"string"},
                       .connects = std::make_shared<caller>(names),
                       .listens = [names] { return std::make_unique<answerer>(names); },
                       .local = true});
}

} // namespace string_phone
