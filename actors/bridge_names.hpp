#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace actorbus {

/// The names of a bus's own bridges: for these the bus alone speaks below
/// `$SYS/broker/connection/NAME/`. Any thread; asked only about topics that begin with `$SYS/`.
class bridge_names {
public:
  void add(const std::string& name) {
    std::lock_guard lock{mutex_};
    names_.insert(name);
  }

  /// @pre it was added; as often as it was
  void remove(const std::string& name) {
    std::lock_guard lock{mutex_};
    names_.erase(names_.find(name));
  }

  bool has(std::string_view name) const {
    std::lock_guard lock{mutex_};
    return names_.find(name) != names_.end();
  }

private:
  mutable std::mutex mutex_;
  std::multiset<std::string, std::less<>> names_; ///< an old session may end after a new one began
};

} // namespace actorbus
